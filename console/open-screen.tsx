/** Fetches the code of a screen, then shows it. */
import { useFetched } from './parts/fetched.ts';
import { Skeleton } from './parts/list.tsx';
import { Problem } from './parts/problem.tsx';
import { Safe } from './parts/safe.tsx';
import type { Screen, ScreenProps } from './screens.ts';

interface OpenScreenProps extends ScreenProps {
  screen: Screen;
}

export function OpenScreen({ screen, rest }: OpenScreenProps) {
  const { code, failure, retry } = useFetched(screen.path, screen.load);
  if (code) {
    return (
      <Safe title={screen.name} where={rest.join('/')}>
        <code.Screen rest={rest} />
      </Safe>
    );
  }
  return (
    <>
      <h1>{screen.name}</h1>
      {failure ? <Problem failure={failure} onRetry={retry} /> : <Skeleton />}
    </>
  );
}
