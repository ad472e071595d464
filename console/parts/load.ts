/** Reads what a screen shows. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf } from '../api/failure.ts';
import { useSession } from '../session.tsx';

interface Outcome<Value> {
  value: Value | undefined;
  failure: Failure | undefined;
}

export interface Load<Value> extends Outcome<Value> {
  busy: boolean;
  /** Reads again. The old value stays until the new one is there. */
  reload(): void;
}

const NOTHING = { value: undefined, failure: undefined };

/**
 * Calls `read` and gives what it returns. A new `key` forgets the value. Somebody who signs in
 * again makes it read again.
 */
export function useLoad<Value>(
  key: string,
  read: (signal: AbortSignal) => Promise<Value>,
): Load<Value> {
  const { epoch } = useSession();
  const [round, setRound] = useState(0);
  const [state, setState] = useState<Outcome<Value> & { key: string }>({ key, ...NOTHING });
  const [busy, setBusy] = useState(true);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const aborter = new AbortController();
    const { signal } = aborter;
    const settle = (outcome: (old: Outcome<Value>) => Outcome<Value>) => {
      if (signal.aborted) return;
      setState((old) => ({ key, ...outcome(old.key === key ? old : NOTHING) }));
      setBusy(false);
    };
    setBusy(true);
    latest.current(signal).then(
      (value) => settle(() => ({ value, failure: undefined })),
      (thrown) => signal.aborted || settle(({ value }) => ({ value, failure: failureOf(thrown) })),
    );
    return () => aborter.abort();
  }, [key, round, epoch]);
  const reload = useCallback(() => setRound((old) => old + 1), []);
  const { value, failure } = state.key === key ? state : NOTHING;
  return { value, failure, busy, reload };
}
