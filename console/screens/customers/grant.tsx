/** Granting a permission, and changing the end of one. */
import {
  identifierOf,
  type Permission,
  type PermissionKind,
  type PermittedDevice,
} from '../../api/access.ts';
import { deviceOf } from '../../api/devices.ts';
import { Failure } from '../../api/failure.ts';
import { atFields } from '../../api/fields.ts';
import { mutate } from '../../api/graphql.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Check, Field, Form, Group, textOf } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { EndField, endOf, KINDS, kindWords, MUTATIONS } from '../../parts/permission-words.tsx';

/** A permission that the customer has. */
export interface Held extends Permission {
  device: PermittedDevice;
}

interface GrantProps {
  externalId: string;
  /** The permission whose end is changed. Left out: a new one. */
  held?: Held | undefined;
  onGranted(): void;
  onClose(): void;
}

/** What is granted, by the boxes of the form. */
function kindsOf(values: FormData): PermissionKind[] {
  const kinds = KINDS.map(([kind]) => kind).filter((kind) => values.has(kind));
  if (kinds.length > 0) return kinds;
  throw new Failure('refused', '', { VIEW: 'Choose what the customer may do.' });
}

const NAMES = { deviceId: 'device', meterId: 'device', deviceIdentifiers: 'device' };

async function grant(externalId: string, values: FormData, held?: Held): Promise<string> {
  const kinds = held ? [held.permission] : kindsOf(values);
  const expiresAt = endOf(values);
  const { deviceId } = held?.device ?? (await deviceOf(textOf(values, 'device')));
  const input = {
    userIdentifier: identifierOf(externalId),
    deviceIdentifiers: [{ deviceId }],
    expiresAt,
  };
  // One after the other: a second that fails can be sent again, and the first then changes nothing.
  for (const kind of kinds) await atFields(NAMES, () => mutate(MUTATIONS[kind][0], '', input));
  return deviceId;
}

const Kinds = () => (
  <Group legend="The customer may">
    {KINDS.map(([kind, words]) => (
      <Check
        key={kind}
        name={kind}
        label={words}
        checked={kind === 'VIEW'}
        hint={kind === 'VIEW' ? 'The app shows the meter.' : 'The app starts and stops charging.'}
      />
    ))}
  </Group>
);

export function Grant({ externalId, held, onGranted, onClose }: GrantProps) {
  const say = useNotice();
  const submit = async (values: FormData) => {
    try {
      const deviceId = await grant(externalId, values, held);
      say(
        held
          ? `The end is changed for ${deviceId}.`
          : `${quoted(externalId)} has access to ${deviceId}.`,
      );
      onClose();
    } finally {
      onGranted();
    }
  };
  return (
    <Dialog title={held ? 'Change end' : 'Grant access'} onClose={onClose}>
      <Form
        onSubmit={submit}
        submit={held ? 'Save end' : 'Grant'}
        submitting={held ? 'Saving …' : 'Granting …'}
        buttons={<Cancel onClose={onClose} />}
      >
        {held ? (
          <p class="soft">
            “{kindWords[held.permission]}” of device {held.device.deviceId}.
          </p>
        ) : (
          <>
            <Field
              name="device"
              label="Device or meter"
              spellcheck={false}
              required
              hint="The eight letters and digits on the device, or the number of the power meter."
            />
            <Kinds />
          </>
        )}
        <EndField expiresAt={held?.expiresAt ?? null} />
      </Form>
    </Dialog>
  );
}
