/** How the authenticator app and the recovery codes of a member are, each with what can be done. */
import { Act } from '../../parts/act.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Time } from '../../parts/time.tsx';

/** Below this many, somebody should make new ones. */
const FEW = 3;

export function RecoveryRow({ left, onRenew }: { left: number; onRenew(): void }) {
  return (
    <li class="factor">
      <p>
        <strong>Recovery codes</strong>{' '}
        <Badge tone={left <= FEW ? 'warn' : 'plain'}>{left === 0 ? 'None' : left} left</Badge>
        <small>They sign you in when your phone or passkey is not at hand.</small>
      </p>
      <button type="button" class="small" onClick={onRenew}>
        Make new recovery codes
      </button>
    </li>
  );
}

const NEEDED = 'Your company requires it.';

interface AppRowProps {
  since: string | undefined;
  /** It is the last factor where the company requires one. */
  isNeeded: boolean;
  onBegin(): Promise<undefined>;
  onRemove(): void;
}

export const AppRow = ({ since, isNeeded, onBegin, onRemove }: AppRowProps) => (
  <li class="factor">
    <p>
      <strong>Authenticator app</strong>{' '}
      <Badge tone={since ? 'good' : 'plain'}>{since ? 'On' : 'Off'}</Badge>
      <small>
        {since ? (
          <>
            Since <Time at={since} />. Signing in asks for a code of the app.
            {isNeeded && ` ${NEEDED}`}
          </>
        ) : (
          'An app on your phone that shows a new code every 30 seconds.'
        )}
      </small>
    </p>
    {since && (
      <span class="button-row">
        <Act small onAct={onBegin} acting="Preparing …" label="Replace the authenticator app">
          Replace
        </Act>
        {!isNeeded && (
          <button
            type="button"
            class="small warns"
            aria-label="Remove the authenticator app"
            onClick={onRemove}
          >
            Remove
          </button>
        )}
      </span>
    )}
    {!since && (
      <Act small onAct={onBegin} acting="Preparing …">
        Set up an authenticator app
      </Act>
    )}
  </li>
);
