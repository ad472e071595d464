/** What the page shows: a form for guests, or the navigation and a screen. */
import { LocationProvider, useLocation } from 'preact-iso/router';
import { ConfirmSelf } from './parts/confirm-self.tsx';
import { Skeleton } from './parts/list.tsx';
import { NoticesProvider } from './parts/notices.tsx';
import { Problem } from './parts/problem.tsx';
import { ForgotPassword } from './screens/doors/forgot-password.tsx';
import { SetPassword } from './screens/doors/set-password.tsx';
import { SignIn, SignInAgain } from './screens/doors/sign-in.tsx';
import { SessionProvider, useSession } from './session.tsx';
import { Shell } from './shell.tsx';

function Inside() {
  const { state, person, failure, refresh } = useSession();
  if (person) {
    return (
      <>
        <Shell key={person.id} person={person} />
        <ConfirmSelf />
        {state === 'locked' && <SignInAgain />}
      </>
    );
  }
  if (state === 'out') return <SignIn />;
  return (
    <main class="door">
      {failure && state === 'failed' ? (
        <Problem failure={failure} onRetry={refresh} />
      ) : (
        <Skeleton lines={3} />
      )}
    </main>
  );
}

function Doors() {
  const { path } = useLocation();
  if (path === '/console/password') return <SetPassword />;
  if (path === '/console/forgot') return <ForgotPassword />;
  return (
    <SessionProvider>
      <Inside />
    </SessionProvider>
  );
}

export const App = () => (
  <LocationProvider scope="/console">
    <NoticesProvider>
      <Doors />
    </NoticesProvider>
  </LocationProvider>
);
