/** What can be done with a webhook. */
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { mutate } from '../../api/graphql.ts';
import type { Delivery, Webhook } from '../../api/webhooks.ts';
import { Act } from '../../parts/act.tsx';
import { Cancel } from '../../parts/cancel.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Form } from '../../parts/form.tsx';
import { GraceChoice, graceOf } from '../../parts/grace.tsx';
import { useNotice } from '../../parts/notices.tsx';
import { HookSecret } from './hook-secret.tsx';
import { Replay } from './replay.tsx';
import { isSuccess } from './state.tsx';
import { ChangeWebhook } from './webhook-form.tsx';

interface ActionProps {
  webhook: Webhook;
  onChange(): void;
}

interface AskProps extends ActionProps {
  onClose(): void;
}

function Rotate({ webhook: { id }, onChange, onClose }: AskProps) {
  const [secret, setSecret] = useState<string>();
  const submit = async (values: FormData) => {
    const input = { id, graceSeconds: graceOf(values) };
    setSecret((await mutate<{ secret: string }>('rotateWebhookSecret', 'secret', input)).secret);
    onChange();
  };
  if (secret !== undefined) {
    return <HookSecret title="The new secret" secret={secret} onDone={onClose} />;
  }
  return (
    <Dialog title="Rotate secret" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Rotate"
        submitting="Rotating …"
        buttons={<Cancel onClose={onClose} />}
      >
        <p class="soft">
          You get a new secret. Meanwhile both sign, so that your receiver misses nothing.
        </p>
        <GraceChoice label="The old secret signs" />
      </Form>
    </Dialog>
  );
}

function Remove({ webhook: { id, url }, onClose }: AskProps) {
  const say = useNotice();
  const { route } = useLocation();
  const remove = async () => {
    await mutate('removeWebhook', '', { id });
    say('The webhook is removed.');
    route('/console/webhooks', true);
  };
  return (
    <Confirm title="Remove webhook?" action="Remove" onConfirm={remove} onClose={onClose}>
      <p>
        Nothing more is sent to <bdi class="typed">{url}</bdi>, and its secret is gone. What still
        waits is not sent. This cannot be undone.
      </p>
    </Confirm>
  );
}

function Disable({ webhook: { id }, onChange, onClose }: AskProps) {
  const say = useNotice();
  const disable = async () => {
    await mutate('updateWebhook', '', { id, enabled: false });
    say('The webhook is disabled.');
    onChange();
  };
  return (
    <Confirm title="Disable webhook?" action="Disable" onConfirm={disable} onClose={onClose}>
      <p>
        Nothing is sent until you choose “Enable”. Events wait meanwhile, as long as they are kept.
      </p>
    </Confirm>
  );
}

const DIALOGS = {
  change: ChangeWebhook,
  replay: Replay,
  rotate: Rotate,
  disable: Disable,
  remove: Remove,
};

function answerWords({ status, durationMs }: Delivery): string {
  if (status === null) return 'Your receiver did not answer within 15 seconds.';
  const time = `${durationMs} ms`;
  return `Your receiver answered ${status} in ${time}.`;
}

export function WebhookActions(props: ActionProps) {
  const { id, enabled } = props.webhook;
  const [asked, ask] = useState<keyof typeof DIALOGS>();
  const Asked = asked && DIALOGS[asked];
  const test = async () => {
    const selection = 'delivery { eventId at status durationMs }';
    const { delivery } = await mutate<{ delivery: Delivery }>('testWebhook', selection, { id });
    props.onChange();
    const result = isSuccess(delivery) ? 'The test arrived.' : 'The test failed.';
    return `${result} ${answerWords(delivery)}`;
  };
  const enable = async () => {
    await mutate('updateWebhook', '', { id, enabled: true });
    props.onChange();
    return 'The webhook goes on where it stopped.';
  };
  return (
    <>
      <Act onAct={test} acting="Testing …">
        Test
      </Act>
      <button type="button" onClick={() => ask('change')}>
        Change
      </button>
      <button type="button" onClick={() => ask('replay')}>
        Replay
      </button>
      <button type="button" onClick={() => ask('rotate')}>
        Rotate
      </button>
      {enabled ? (
        <button type="button" onClick={() => ask('disable')}>
          Disable
        </button>
      ) : (
        <Act onAct={enable}>Enable</Act>
      )}
      <button type="button" class="warns" onClick={() => ask('remove')}>
        Remove
      </button>
      {Asked && <Asked {...props} onClose={() => ask(undefined)} />}
    </>
  );
}
