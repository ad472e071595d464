/** A search whose text is in the URL. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useQuery } from './url.ts';

/** After the last key, so that each letter is not a request. */
const PAUSE_MS = 250;

export function Search({ label, hint }: { label: string; hint?: string }) {
  const id = useId();
  const [{ search = '' }, change] = useQuery();
  const [text, setText] = useState(search);
  const told = useRef(search);
  useEffect(() => {
    // The back button changes the URL: the field follows.
    if (search !== told.current) setText(search);
    told.current = search;
  }, [search]);
  useEffect(() => {
    if (text.trim() === told.current) return;
    const pause = setTimeout(() => {
      told.current = text.trim();
      change({ search: text.trim() });
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [text]);
  return (
    <div class="search">
      <label class="quiet" for={id}>
        {label}
      </label>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="7" cy="7" r="4.5" />
        <path d="M10.5 10.5 14 14" />
      </svg>
      <input
        id={id}
        type="search"
        value={text}
        placeholder={hint ?? label}
        autoComplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}
