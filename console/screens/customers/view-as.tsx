/** "View as": a token with which a colleague sees what the customer sees, for a while. */
import { useState } from 'preact/hooks';
import { identifierOf, type PermissionKind } from '../../api/access.ts';
import { graphql, mutate } from '../../api/graphql.ts';
import type { LiveSession } from '../../api/types.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Check, Choice, Field, Form, Group, numberOf, textOf } from '../../parts/form.tsx';
import { useLoad } from '../../parts/load.ts';
import { KINDS } from '../../parts/permission-words.tsx';
import { SecretOnce } from '../../parts/secret.tsx';
import { Time } from '../../parts/time.tsx';
import type { AskProps } from './customer-actions.tsx';

/** In seconds. */
const SPANS = [
  [900, '15 minutes'],
  [1800, '30 minutes'],
  [3600, '1 hour'],
] as const;

type Opened = LiveSession & { accessToken: string };

interface Allowed {
  caller: { intermediary: { supportPermissions: PermissionKind[] } };
}

/** What the company allows. Until it is known, and by default: to read. */
function useAllowed(): PermissionKind[] {
  const { value } = useLoad('support permissions', (signal) =>
    graphql<Allowed>('{ caller { intermediary { supportPermissions } } }', {}, signal),
  );
  return value?.caller.intermediary.supportPermissions ?? ['VIEW'];
}

/** Only asked where there is a choice. */
const Permissions = ({ allowed }: { allowed: PermissionKind[] }) => (
  <Group legend="You may">
    {KINDS.filter(([kind]) => allowed.includes(kind)).map(([kind, words]) => (
      <Check key={kind} name="permissions" value={kind} label={words} checked={kind === 'VIEW'} />
    ))}
  </Group>
);

const Token = ({ session, onDone }: { session: Opened; onDone(): void }) => (
  <SecretOnce label="Access token" secret={session.accessToken} onDone={onDone}>
    <p>
      Paste it into your support tool, or where your app takes an access token. It works until{' '}
      <Time at={session.expiresAt} />, and cannot be extended. Services that check it are told that
      it is you.
    </p>
    <p>The customer sees among their sessions that you are there, and why.</p>
  </SecretOnce>
);

export function ViewAs({ customer: { externalId }, onChange, onClose }: AskProps) {
  const [opened, setOpened] = useState<Opened>();
  const allowed = useAllowed();
  const submit = async (values: FormData) => {
    const permissions = allowed.length > 1 ? values.getAll('permissions') : allowed;
    const { session } = await mutate<{ session: Opened }>(
      'addUserSession',
      'session { id accessToken expiresAt }',
      {
        userIdentifier: identifierOf(externalId),
        reason: textOf(values, 'reason'),
        expiresInSeconds: numberOf(values, 'expiresInSeconds'),
        ...(allowed.length > 0 && { permissions }),
      },
    );
    setOpened(session);
    onChange();
  };
  const title = (
    <>
      View as <bdi>{externalId}</bdi>
    </>
  );
  if (opened) {
    return (
      <Dialog key="token" title={title} onClose={onClose} locked>
        <Token session={opened} onDone={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog key="form" title={title} onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Get token"
        submitting="Opening …"
        buttons={<Cancel onClose={onClose} />}
      >
        <p class="soft">
          You get an access token with which you see what the customer’s app sees.
          {!allowed.includes('CHARGE') && ' You can change nothing with it.'}
        </p>
        <Field
          name="reason"
          label="Reason"
          maxLength={300}
          required
          hint="Such as the number of a ticket. The customer can read it."
        />
        <Choice name="expiresInSeconds" label="For" choices={SPANS} value={1800} />
        {allowed.length > 1 && <Permissions allowed={allowed} />}
      </Form>
    </Dialog>
  );
}
