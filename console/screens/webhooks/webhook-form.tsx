/** The fields of a webhook: to add one, and to change one. */
import { useState } from 'preact/hooks';
import { mutate } from '../../api/graphql.ts';
import type { Webhook } from '../../api/webhooks.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field, Form, textOf, textOrNull } from '../../parts/form.tsx';
import { useNotice } from '../../parts/notices.tsx';
import { HookSecret } from './hook-secret.tsx';
import { TypeFields, typesOf } from './types.tsx';

const Fields = ({ webhook }: { webhook?: Webhook }) => (
  <>
    <Field
      name="url"
      label="Address"
      placeholder="https://"
      inputMode="url"
      spellcheck={false}
      required
      defaultValue={webhook?.url ?? ''}
      hint="Where your receiver waits for events. It begins with https."
    />
    <Field
      name="description"
      label="Description"
      dir="auto"
      defaultValue={webhook?.description ?? ''}
      hint="Optional. What receives the events, for people."
    />
    <TypeFields types={webhook?.types ?? []} />
  </>
);

const valuesOf = (values: FormData) => ({
  url: textOf(values, 'url'),
  description: textOrNull(values, 'description'),
  types: typesOf(values),
});

interface AddProps {
  onAdded(): void;
  onClose(): void;
}

export function AddWebhook({ onAdded, onClose }: AddProps) {
  const [secret, setSecret] = useState<string>();
  const submit = async (values: FormData) => {
    setSecret((await mutate<{ secret: string }>('addWebhook', 'secret', valuesOf(values))).secret);
    onAdded();
  };
  if (secret !== undefined) {
    return <HookSecret title="The webhook’s secret" secret={secret} onDone={onClose} />;
  }
  return (
    <Dialog title="Add webhook" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Add webhook"
        submitting="Adding …"
        buttons={<Cancel onClose={onClose} />}
      >
        <Fields />
      </Form>
    </Dialog>
  );
}

interface ChangeProps {
  webhook: Webhook;
  onChange(): void;
  onClose(): void;
}

export function ChangeWebhook({ webhook, onChange, onClose }: ChangeProps) {
  const say = useNotice();
  const submit = async (values: FormData) => {
    await mutate('updateWebhook', '', { id: webhook.id, ...valuesOf(values) });
    say('The webhook is changed.');
    onChange();
    onClose();
  };
  return (
    <Dialog title="Change webhook" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Save changes"
        submitting="Saving …"
        buttons={<Cancel onClose={onClose} />}
      >
        <Fields webhook={webhook} />
      </Form>
    </Dialog>
  );
}
