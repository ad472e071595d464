/** Searches and filters live in the URL, so that they can be linked and reloaded. */
import { useLocation } from 'preact-iso/router';

/** The values in the URL's query, and a function that changes some. An empty one goes. */
export function useQuery(): [Record<string, string>, (changes: Record<string, string>) => void] {
  const { path, query, route } = useLocation();
  const change = (changes: Record<string, string>) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') next.delete(name);
      else next.set(name, value);
    }
    const text = next.toString();
    route(text ? `${path}?${text}` : path, true);
  };
  return [query, change];
}

/** The link itself if it is `https`, which nothing that people send can turn into a script. */
export function safeLink(link: string | null): string | null {
  return link && URL.canParse(link) && new URL(link).protocol === 'https:' ? link : null;
}
