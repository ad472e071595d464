/** What can be done with a person: a link for a new password, disable, enable, remove. */

import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { failureOf } from '../../api/failure.ts';
import { rest } from '../../api/rest.ts';
import type { User } from '../../api/types.ts';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Check, flagOf } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { usePerson } from '../../session.tsx';
import { Link, makeLink } from './reset-link.tsx';

interface ActionProps {
  user: User;
  onChange(): void;
}

const Name = ({ user }: { user: User }) => <bdi>{user.name}</bdi>;

function ResetPassword({ user, onChange }: ActionProps) {
  const [busy, setBusy] = useState(false);
  const [link, setLink] = useState<string>();
  const say = useNotice();
  const make = async () => {
    setBusy(true);
    try {
      const made = await makeLink(user.id);
      if (made.link === null) say(`A link is on its way to ${quoted(user.email)}.`);
      else setLink(made.link);
    } catch (thrown) {
      const failure = failureOf(thrown);
      say(Object.values(failure.fields)[0] ?? failure.message);
    }
    setBusy(false);
  };
  const done = () => {
    setLink(undefined);
    onChange();
  };
  // Somebody who was invited, or has an unused link, may have no password that could be reset.
  const isWaiting = user.require_password_reset === 1;
  const lasts = isWaiting ? '24 hours, or for 7 days if they have no password yet' : '24 hours';
  return (
    <>
      <button type="button" disabled={busy} onClick={make}>
        {isWaiting ? 'New link' : 'Reset password'}
      </button>
      {link && (
        <Dialog title="A link for a password" onClose={done} locked>
          <Link link={link} lasts={lasts} onDone={done} />
        </Dialog>
      )}
    </>
  );
}

/** Somebody who leaves on bad terms may have left keys behind. */
const Minted = () => (
  <Check
    name="end_minted"
    label="Also end what they made"
    hint="API keys, links for passwords, webhooks and people that they added."
  />
);

type Ask = 'disable' | 'remove';

export function PersonActions({ user, onChange }: ActionProps) {
  const me = usePerson();
  const say = useNotice();
  const { route } = useLocation();
  const [asked, ask] = useState<Ask>();
  const close = () => ask(undefined);
  const enable = async () => {
    try {
      await rest(`PATCH /user/${user.id}`, { status: 1 });
      say(`${quoted(user.name)} can sign in again.`);
      onChange();
    } catch (thrown) {
      say(failureOf(thrown).message);
    }
  };
  const disable = async (values: FormData) => {
    const minted = flagOf(values, 'end_minted');
    await rest(`PATCH /user/${user.id}`, { status: 0, ...(minted ? { end_minted: 1 } : {}) });
    say(`${quoted(user.name)} is disabled.`);
    onChange();
  };
  const remove = async (values: FormData) => {
    const minted = flagOf(values, 'end_minted');
    await rest(`DELETE /user/${user.id}`, minted ? { end_minted: 1 } : {});
    say(`${quoted(user.name)} is removed.`);
    route('/console/people');
  };
  const isMe = me.id === String(user.id);
  return (
    <>
      {user.status === 1 && <ResetPassword user={user} onChange={onChange} />}
      {user.status === 0 && (
        <button type="button" onClick={enable}>
          Enable
        </button>
      )}
      {user.status === 1 && !isMe && (
        <button type="button" onClick={() => ask('disable')}>
          Disable
        </button>
      )}
      {!isMe && (
        <button type="button" class="warns" onClick={() => ask('remove')}>
          Remove
        </button>
      )}
      {asked === 'disable' && (
        <Confirm
          title={
            <>
              Disable <Name user={user} />?
            </>
          }
          action="Disable"
          onConfirm={disable}
          onClose={close}
        >
          <p>All sessions end at once. Nothing is lost: “Enable” brings the person back.</p>
          <Minted />
        </Confirm>
      )}
      {asked === 'remove' && (
        <Confirm
          title={
            <>
              Remove <Name user={user} />?
            </>
          }
          action="Remove"
          typed={user.email ?? undefined}
          onConfirm={remove}
          onClose={close}
        >
          <p>All sessions end, and what identifies this person is erased. This cannot be undone.</p>
          <Minted />
        </Confirm>
      )}
    </>
  );
}
