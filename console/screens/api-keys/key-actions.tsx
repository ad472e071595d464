/** What can be done with a key: another secret in its place, or an end. */
import { useState } from 'preact/hooks';
import { mutate } from '../../api/graphql.ts';
import type { ApiKey } from '../../api/keys.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Check, Form } from '../../parts/form.tsx';
import { GraceChoice, graceOf } from '../../parts/grace.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { KeySecret } from './key-secret.tsx';

interface KeyProps {
  apiKey: ApiKey;
  onChange(): void;
}

interface AskProps extends KeyProps {
  onClose(): void;
}

/** A key that takes the place of another: its row goes, so the screen shows the secret. */
export interface Rotated {
  name: string;
  secret: string;
}

interface RotateProps extends Pick<AskProps, 'apiKey' | 'onClose'> {
  onRotated(rotated: Rotated): void;
}

export const RotatedKey = ({ name, secret, onDone }: Rotated & { onDone(): void }) => (
  <KeySecret title="The new key" secret={secret} onDone={onDone}>
    <p>
      It takes the place of <bdi>{name}</bdi>, with the same rights.
    </p>
  </KeySecret>
);

function Rotate({ apiKey: { id, name }, onRotated, onClose }: RotateProps) {
  const submit = async (values: FormData) => {
    const input = { id, graceSeconds: graceOf(values) };
    const { secret } = await mutate<{ secret: string }>('rotateApiKey', 'secret', input);
    onClose();
    onRotated({ name, secret });
  };
  return (
    <Dialog
      title={
        <>
          Rotate <bdi>{name}</bdi>
        </>
      }
      onClose={onClose}
    >
      <Form
        onSubmit={submit}
        submit="Rotate"
        submitting="Rotating …"
        buttons={<Cancel onClose={onClose} />}
      >
        <p class="soft">
          You get a new key that may do the same. Put it into your program before the old one stops.
        </p>
        <GraceChoice label="The old key works" />
      </Form>
    </Dialog>
  );
}

interface Ended {
  keys: number;
  members: number;
  sessions: number;
  webhooks: number;
}

/** Always a count and a noun, such as "2 keys". */
const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function endedWords(name: string, ended: Ended | null): string {
  if (!ended) return `${quoted(name)} is removed.`;
  const { keys, sessions, webhooks, members } = ended;
  const all = [
    count(keys, 'key'),
    count(sessions, 'session'),
    count(webhooks, 'webhook'),
    count(members, 'person').replace('persons', 'people'),
  ];
  return `${quoted(name)} is removed. Ended with it: ${new Intl.ListFormat('en').format(all)}.`;
}

function Remove({ apiKey: { id, name }, onChange, onClose }: AskProps) {
  const say = useNotice();
  const remove = async (values: FormData) => {
    const input = { id, endMinted: values.has('endMinted') };
    const selection = 'modified { keys members sessions webhooks }';
    const { modified } = await mutate<{ modified: Ended | null }>('removeApiKey', selection, input);
    say(endedWords(name, modified));
    onChange();
  };
  return (
    <Confirm
      title={
        <>
          Remove <bdi>{name}</bdi>?
        </>
      }
      action="Remove"
      typed={name}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        Programs that use this key can change nothing from now on, and are refused everywhere within
        30 seconds. This cannot be undone.
      </p>
      <Check
        name="endMinted"
        label="… and everything it made"
        hint={
          'For a key that has leaked: also ends the sessions, keys and webhooks that were made ' +
          'with it, and disables people who were added with it.'
        }
      />
    </Confirm>
  );
}

export function KeyActions(props: KeyProps & Pick<RotateProps, 'onRotated'>) {
  const [asked, ask] = useState<'rotate' | 'remove'>();
  const name = quoted(props.apiKey.name);
  const close = () => ask(undefined);
  return (
    <span class="button-row">
      <button
        type="button"
        class="small"
        aria-label={`Rotate ${name}`}
        onClick={() => ask('rotate')}
      >
        Rotate
      </button>
      <button
        type="button"
        class="small warns"
        aria-label={`Remove ${name}`}
        onClick={() => ask('remove')}
      >
        Remove
      </button>
      {asked === 'rotate' && <Rotate {...props} onClose={close} />}
      {asked === 'remove' && <Remove {...props} onClose={close} />}
    </span>
  );
}
