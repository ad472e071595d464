/** Short notices about what has just been done. Screen readers read them out. */
import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';

type Say = (notice: string) => void;

const NoticesContext = createContext<Say>(() => {});

/** Long enough to read two short sentences. */
const SHOWN_MS = 6000;

export function NoticesProvider({ children }: { children: ComponentChildren }) {
  const [notices, set] = useState<{ id: number; text: string }[]>([]);
  const drop = (id: number) => set((old) => old.filter((one) => one.id !== id));
  const say = useCallback((text: string) => {
    const id = performance.now();
    set((old) => [...old.slice(-2), { id, text }]);
    setTimeout(() => drop(id), SHOWN_MS);
  }, []);
  return (
    <NoticesContext.Provider value={say}>
      {children}
      <div class="notices" role="status" aria-live="polite">
        {notices.map(({ id, text }) => (
          <p key={id} class="notice">
            {text}
          </p>
        ))}
      </div>
    </NoticesContext.Provider>
  );
}

/** Says that something is done: `const say = useNotice(); say('Ada was added.')`. */
export const useNotice = (): Say => useContext(NoticesContext);

/** Whatever direction a name has, and marks of direction in it, it changes nothing around it. */
const isolated = (text: string) =>
  `\u2068${text.replace(/[\u202A-\u202E\u2066-\u2069]/g, '')}\u2069`;

/** A name within a sentence that is plain text, such as a notice or a label. */
export const quoted = (text: string | null, otherwise = 'without a name'): string =>
  text ? isolated(text) : otherwise;
