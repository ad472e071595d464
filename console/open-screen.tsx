/** Fetches the code of a screen, then shows it. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure } from './api/failure.ts';
import { reloadIfNewer } from './new-version.ts';
import { Skeleton } from './parts/list.tsx';
import { Problem } from './parts/problem.tsx';
import { Safe } from './parts/safe.tsx';
import type { Screen, ScreenProps } from './screens.ts';

const fetched = new Map<string, ComponentType<ScreenProps>>();

const NOT_FETCHED = new Failure(
  'offline',
  'This screen could not be fetched. Check your connection, or reload the page: it may have a ' +
    'newer version.',
);

interface OpenScreenProps extends ScreenProps {
  screen: Screen;
}

export function OpenScreen({ screen, rest }: OpenScreenProps) {
  const [round, retry] = useState(0);
  const [, update] = useState(0);
  const [failure, setFailure] = useState<Failure>();
  const Code = fetched.get(screen.path);
  useEffect(() => {
    if (Code) return;
    setFailure(undefined);
    screen.load().then(
      ({ Screen }) => {
        fetched.set(screen.path, Screen);
        update((old) => old + 1);
      },
      async () => {
        if (!(await reloadIfNewer())) setFailure(NOT_FETCHED);
      },
    );
  }, [round]);
  if (Code) {
    return (
      <Safe title={screen.name} where={rest.join('/')}>
        <Code rest={rest} />
      </Safe>
    );
  }
  return (
    <>
      <h1>{screen.name}</h1>
      {failure ? <Problem failure={failure} onRetry={() => retry(round + 1)} /> : <Skeleton />}
    </>
  );
}
