/** Whether a person has a second factor, and the button that removes all they have. */
import { useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import type { User } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { usePerson } from '../../session.tsx';

interface Counts {
  /** Whether there is an authenticator app. */
  totp: boolean;
  passkeys: number;
  recovery_codes_left: number;
}

const AND = new Intl.ListFormat('en');

const counted = (count: number, one: string): string[] =>
  count > 0 ? [`${count} ${one}${count === 1 ? '' : 's'}`] : [];

/** "Authenticator app, 2 passkeys and 8 recovery codes". */
const wordsOf = ({ totp, passkeys, recovery_codes_left }: Counts): string =>
  AND.format([
    ...(totp ? ['Authenticator app'] : []),
    ...counted(passkeys, 'passkey'),
    ...counted(recovery_codes_left, 'recovery code'),
  ]);

interface RemoveProps {
  user: User;
  onChange(): void;
  onClose(): void;
}

function Remove({ user, onChange, onClose }: RemoveProps) {
  const say = useNotice();
  const remove = async () => {
    await rest(`DELETE /user/${user.id}/second-factor`, {});
    say(`${quoted(user.name)} has no second factor now.`);
    onChange();
  };
  return (
    <Confirm
      title={
        <>
          Remove the second factors of <bdi>{user.name}</bdi>?
        </>
      }
      action="Remove second factors"
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        For somebody who has lost them. The authenticator app, all passkeys and all recovery codes
        stop working at once.
      </p>
      <p>
        The password alone signs them in then. If your company requires a second factor, they set
        one up at the next sign-in. First make sure that it is really them who asks.
      </p>
    </Confirm>
  );
}

export function PersonFactors({ user }: { user: User }) {
  const me = usePerson();
  const [isAsked, ask] = useState(false);
  const { value, failure, reload } = useLoad(`factors ${user.id}`, (signal) =>
    rest<Counts>(`GET /user/${user.id}/second-factor`, undefined, signal),
  );
  const isMe = me.id === String(user.id);
  const hasAny = value !== undefined && (value.totp || value.passkeys > 0);
  return (
    <Section
      title="Second factor"
      actions={
        hasAny &&
        !isMe &&
        user.status === 1 && (
          <button type="button" class="small warns" onClick={() => ask(true)}>
            Remove second factors
          </button>
        )
      }
    >
      {!value &&
        (failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton lines={1} />)}
      {value && (
        <p>
          <Badge tone={hasAny ? 'good' : 'plain'}>{hasAny ? 'On' : 'None'}</Badge>{' '}
          <span class="soft">
            {hasAny ? wordsOf(value) : 'A password alone signs this person in.'}
          </span>{' '}
          {isMe && <a href="/console/account">Change yours</a>}
        </p>
      )}
      {isAsked && <Remove user={user} onChange={reload} onClose={() => ask(false)} />}
    </Section>
  );
}
