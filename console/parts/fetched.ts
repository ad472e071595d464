/** Code that comes when it is needed, once. */
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../api/failure.ts';
import { reloadIfNewer } from '../new-version.ts';

const fetched = new Map<string, unknown>();

const NOT_FETCHED = new Failure(
  'offline',
  'This screen could not be fetched. Check your connection, or reload the page: it may have a ' +
    'newer version.',
);

interface Fetching<Code> {
  /** Undefined until it is there. */
  code: Code | undefined;
  failure: Failure | undefined;
  retry(): void;
}

/** Fetches code under a name. What is there already is given at once. */
export function useFetched<Code>(name: string, load: () => Promise<Code>): Fetching<Code> {
  const [round, setRound] = useState(0);
  const [, update] = useState(0);
  const [failure, setFailure] = useState<Failure>();
  const code = fetched.get(name) as Code | undefined;
  useEffect(() => {
    if (code) return;
    setFailure(undefined);
    load().then(
      (loaded) => {
        fetched.set(name, loaded);
        update((old) => old + 1);
      },
      async () => {
        if (!(await reloadIfNewer())) setFailure(NOT_FETCHED);
      },
    );
  }, [round]);
  return { code, failure, retry: () => setRound(round + 1) };
}
