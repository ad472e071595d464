/** The devices of a customer: what the customer may do on each, until when. */
import { useState } from 'preact/hooks';
import { identifierOf, type Permission, type PermittedDevice } from '../../api/access.ts';
import { mutate } from '../../api/graphql.ts';
import { Act } from '../../parts/act.tsx';
import { DeviceName } from '../../parts/device-name.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { Section } from '../../parts/page.tsx';
import { kindWords, MUTATIONS, PermissionBadge } from '../../parts/permission-words.tsx';
import { TimeOr } from '../../parts/time.tsx';
import type { CustomerProps } from './customer.tsx';
import { Grant, type Held } from './grant.tsx';
import { useDevices } from './read.ts';

const rowsOf = (devices: readonly PermittedDevice[]): Held[] =>
  devices.flatMap((device) =>
    device.permissions.map((permission) => ({ device, ...permission }) satisfies Held),
  );

const keyOf = ({ device, permission }: Held) => `${device.deviceId} ${permission}`;

const nameOf = ({ device, permission }: { device: PermittedDevice } & Permission) =>
  `${kindWords[permission]} of ${device.deviceId}`;

interface Actions {
  onChangeEnd(held: Held): void;
  onWithdraw(held: Held): Promise<string>;
}

const columnsWith = ({ onChangeEnd, onWithdraw }: Actions): Column<Held>[] => [
  {
    name: 'Device',
    cell: ({ device, permission, expiresAt }) => (
      <DeviceName {...device}>
        <PermissionBadge permission={permission} expiresAt={expiresAt} />
      </DeviceName>
    ),
  },
  {
    name: 'May',
    wide: true,
    cell: ({ permission }) => <PermissionBadge permission={permission} expiresAt={null} />,
  },
  {
    name: 'Ends',
    wide: true,
    cell: ({ expiresAt }) => <TimeOr at={expiresAt} none="No end" />,
  },
  {
    ...{ name: 'Actions', end: true, quiet: true },
    cell: (held) => (
      <span class="button-row">
        <button
          type="button"
          class="small"
          aria-label={`Change end: ${nameOf(held)}`}
          onClick={() => onChangeEnd(held)}
        >
          Change end
        </button>
        <Act
          small
          warns
          label={`Withdraw: ${nameOf(held)}`}
          acting="Withdrawing …"
          onAct={() => onWithdraw(held)}
        >
          Withdraw
        </Act>
      </span>
    ),
  },
];

export function CustomerDevices({ customer, onChange }: CustomerProps) {
  const { externalId } = customer;
  const [granting, grant] = useState<Held | 'new'>();
  const devices = useDevices(customer, onChange);
  const withdraw = async ({ device: { deviceId }, permission }: Held) => {
    await mutate(MUTATIONS[permission][1], '', {
      userIdentifier: identifierOf(externalId),
      deviceIdentifiers: [{ deviceId }],
    });
    onChange();
    return `“${kindWords[permission]}” of ${deviceId} is withdrawn.`;
  };
  return (
    <Section
      title="Devices"
      about={
        'What this customer may do. “See readings” shows a meter in the app; “Control charging” ' +
        'alone does not.'
      }
      actions={
        <button type="button" class="small primary" onClick={() => grant('new')}>
          Grant
        </button>
      }
    >
      <List
        caption="Devices"
        columns={columnsWith({ onChangeEnd: grant, onWithdraw: withdraw })}
        pages={{ ...devices, rows: rowsOf(devices.rows) }}
        keyOf={keyOf}
        empty={
          <Empty title="This customer has no device.">
            <p>Choose “Grant” and enter the device or the number of its power meter.</p>
          </Empty>
        }
      />
      {granting && (
        <Grant
          externalId={externalId}
          held={granting === 'new' ? undefined : granting}
          onGranted={onChange}
          onClose={() => grant(undefined)}
        />
      )}
    </Section>
  );
}
