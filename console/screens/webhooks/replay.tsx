/** Sending events again. */
import { useState } from 'preact/hooks';
import { mutate } from '../../api/graphql.ts';
import type { Webhook } from '../../api/webhooks.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Choice, Field, Form, textOf } from '../../parts/form.tsx';
import { useNotice } from '../../parts/notices.tsx';

const FROM = [
  ['on', 'Go on with what waits'],
  ['all', 'All events that are still kept'],
  ['after', 'What came after a place in the feed'],
] as const;

interface ReplayProps {
  webhook: Webhook;
  onChange(): void;
  onClose(): void;
}

/** Absent: goes on. Null: all. */
function afterOf(values: FormData): { after?: string | null } {
  const from = textOf(values, 'from');
  if (from === 'on') return {};
  return { after: from === 'all' ? null : textOf(values, 'after') };
}

export function Replay({ webhook: { id }, onChange, onClose }: ReplayProps) {
  const say = useNotice();
  const [from, setFrom] = useState('on');
  const submit = async (values: FormData) => {
    await mutate('replayWebhook', '', { id, ...afterOf(values) });
    say('Events are on their way again.');
    onChange();
    onClose();
  };
  return (
    <Dialog title="Replay events" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Replay"
        submitting="Starting …"
        buttons={<Cancel onClose={onClose} />}
      >
        <p class="soft">
          Events are sent again, in their order. Your receiver knows an event that it has already by
          its id. A disabled webhook is enabled.
        </p>
        <Choice name="from" label="Send" choices={FROM} value={from} onChange={setFrom} />
        {from === 'after' && (
          <Field
            name="after"
            label="Place"
            spellcheck={false}
            hint="A cursor that GET /events gave your program."
          />
        )}
      </Form>
    </Dialog>
  );
}
