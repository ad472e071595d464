/** Whether the customer may do something on a device, and why, in a sentence. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type DeviceName, identifierOf, type PermissionKind } from '../../api/access.ts';
import { identifiersOf } from '../../api/devices.ts';
import { Failure } from '../../api/failure.ts';
import { graphql } from '../../api/graphql.ts';
import { Choice, Field, Form, textOf } from '../../parts/form.tsx';
import { Section } from '../../parts/page.tsx';
import { KINDS } from '../../parts/permission-words.tsx';
import type { Customer } from './read.ts';
import { type Answer, answerWords } from './reasons.tsx';
import { Sign } from './standing.tsx';

const QUERY = `query ($input: CheckUserAccessInput!) {
  checkUserAccess(input: $input) {
    devices { deviceId meterId granted reason expiresAt endedAt }
  }
}`;

const UNREADABLE =
  'Enter the eight letters and digits on the device, or the serial number of the power meter.';

interface Checked {
  text: string;
  kind: PermissionKind;
  answer: Answer;
}

/** A text may be a device and a meter as well: what is known of it counts. */
async function check(externalId: string, text: string, kind: PermissionKind): Promise<Checked> {
  const deviceIdentifiers = identifiersOf(text);
  if (deviceIdentifiers.length === 0) throw new Failure('refused', '', { device: UNREADABLE });
  const input = {
    userIdentifier: identifierOf(externalId),
    ...{ deviceIdentifiers, permission: kind, consistency: 'STRICT' },
  };
  const { checkUserAccess } = await graphql<{
    checkUserAccess: { devices: (Answer & Partial<DeviceName>)[] };
  }>(QUERY, { input });
  const { devices } = checkUserAccess;
  const answer = devices.find(({ reason }) => reason !== 'UNKNOWN_DEVICE') ?? devices[0];
  if (!answer) throw new Failure('broken', 'There was no answer. Try again.');
  return { text, kind, answer };
}

function Result({ checked }: { checked: Checked }) {
  const { granted } = checked.answer;
  const said: ComponentChildren = answerWords(checked.answer, checked.kind, checked.text);
  return (
    <div class={granted ? 'verdict good' : 'verdict bad'}>
      <Sign mark={granted ? 'good' : 'bad'} />
      <p>
        <strong>{granted ? 'Allowed.' : 'Refused.'}</strong> {said}
      </p>
    </div>
  );
}

export function CheckAccess({ customer }: { customer: Customer }) {
  const [checked, setChecked] = useState<Checked>();
  const submit = async (values: FormData) => {
    setChecked(undefined);
    const kind = values.get('permission') as PermissionKind;
    setChecked(await check(customer.externalId, textOf(values, 'device'), kind));
  };
  return (
    <Section title="Check access" about="Asks what the app would ask, and says why.">
      <Form onSubmit={submit} submit="Check access" submitting="Checking …" label="Check access">
        <div class="columns">
          <Field name="device" label="Device or meter" spellcheck={false} required />
          <Choice name="permission" label="To" choices={KINDS} value="VIEW" />
        </div>
      </Form>
      <div role="status">{checked && <Result checked={checked} />}</div>
    </Section>
  );
}
