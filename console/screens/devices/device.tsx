/** One device: who has access to it. */
import { useState } from 'preact/hooks';
import { type DeviceName, NAMED, type Named, type Permission } from '../../api/access.ts';
import { graphql, mutate } from '../../api/graphql.ts';
import { Act } from '../../parts/act.tsx';
import { CustomerName } from '../../parts/customer-name.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Skeleton, Table } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { kindWords, MUTATIONS, PermissionBadge } from '../../parts/permission-words.tsx';
import { Problem } from '../../parts/problem.tsx';
import { TimeOr } from '../../parts/time.tsx';

interface Access extends Permission {
  user: Named | null;
}

interface Device extends DeviceName {
  permissions: Access[];
}

const QUERY = `query ($is: DeviceIdentifierInput!) {
  device(deviceIdentifier: $is) {
    deviceId meterId permissions(first: 500) { permission expiresAt user { ${NAMED} } }
  }
}`;

/** The API takes no other text for an id. */
const DEVICE_ID = /^[A-Za-z0-9]{8}$/;

async function readDevice(deviceId: string, signal: AbortSignal): Promise<Device | null> {
  if (!DEVICE_ID.test(deviceId)) return null;
  const variables = { is: { deviceId } };
  return (await graphql<{ device: Device | null }>(QUERY, variables, signal)).device;
}

const nameOf = ({ user }: Access): string =>
  user?.userIdentifier.externalUser?.externalId ?? user?.name ?? '';

/** How the API is told of whoever has the permission: a customer, or a member of the company. */
function identifierOf({ user }: Access) {
  const externalUser = user?.userIdentifier.externalUser;
  return externalUser
    ? { externalUser: { externalId: externalUser.externalId } }
    : { companyUser: { id: user?.id } };
}

const columnsWith = (onWithdraw: (access: Access) => Promise<string>): Column<Access>[] => [
  {
    name: 'Who',
    cell: ({ user, permission, expiresAt }) => (
      <span class="entry">
        <CustomerName user={user} />
        <span class="phone-only">
          <PermissionBadge permission={permission} expiresAt={expiresAt} />
        </span>
      </span>
    ),
  },
  {
    name: 'May',
    wide: true,
    cell: ({ permission }) => <PermissionBadge permission={permission} expiresAt={null} />,
  },
  { name: 'Ends', wide: true, cell: ({ expiresAt }) => <TimeOr at={expiresAt} none="No end" /> },
  {
    ...{ name: 'Actions', end: true, quiet: true },
    cell: (access) => (
      <Act
        small
        warns
        label={`Withdraw: ${kindWords[access.permission]}, ${quoted(nameOf(access))}`}
        acting="Withdrawing …"
        onAct={() => onWithdraw(access)}
      >
        Withdraw
      </Act>
    ),
  },
];

interface PartProps {
  device: Device;
  onChange(): void;
}

function EndAll({ device: { deviceId }, onChange }: PartProps) {
  const [isAsking, ask] = useState(false);
  const say = useNotice();
  const end = async () => {
    await mutate('removeAllDevicePermissions', '', { deviceIdentifier: { deviceId } });
    say(`Nobody has access to ${deviceId} any more.`);
    onChange();
  };
  return (
    <>
      <button type="button" class="warns" onClick={() => ask(true)}>
        End all access
      </button>
      {isAsking && (
        <Confirm
          title={`End all access to ${deviceId}?`}
          action="End all access"
          typed={deviceId}
          onConfirm={end}
          onClose={() => ask(false)}
        >
          <p>
            For when a resident moves out: nobody sees readings or controls charging of this device
            any more. To undo it, you have to grant each permission again.
          </p>
        </Confirm>
      )}
    </>
  );
}

function Who({ device, onChange }: PartProps) {
  const { deviceId, permissions } = device;
  const withdraw = async (access: Access) => {
    await mutate(MUTATIONS[access.permission][1], '', {
      userIdentifier: identifierOf(access),
      deviceIdentifiers: [{ deviceId }],
    });
    onChange();
    return `“${kindWords[access.permission]}” is withdrawn from ${quoted(nameOf(access))}.`;
  };
  return (
    <Section title="Who has access" about="Open a customer to grant more or to check access.">
      {permissions.length === 0 ? (
        <Empty title="Nobody has access to this device.">
          <p>To give it to somebody, open the customer and choose “Grant”.</p>
          <a href="/console/customers">Search customers</a>
        </Empty>
      ) : (
        <Table
          caption="Who has access"
          columns={columnsWith(withdraw)}
          rows={permissions}
          keyOf={(access) => `${access.user?.id} ${access.permission}`}
        />
      )}
      {permissions.length === 500 && <p class="soft">The first 500 permissions are shown.</p>}
    </Section>
  );
}

const TRAIL = [['/console/devices', 'Devices']] as const;

export function DevicePage({ deviceId }: { deviceId: string }) {
  const { value, failure, reload } = useLoad(deviceId, (signal) => readDevice(deviceId, signal));
  if (value === null) {
    return (
      <Page title="No such device" trail={TRAIL}>
        <Empty title="Your company has no device with this ID.">
          <p>Capital and small letters differ. The operator may have taken it back.</p>
          <a href="/console/devices">All devices</a>
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={deviceId}
      trail={TRAIL}
      about={value && (value.meterId ? <bdi>Meter {value.meterId}</bdi> : 'No meter number')}
      actions={value && <EndAll device={value} onChange={reload} />}
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      {value ? <Who device={value} onChange={reload} /> : !failure && <Skeleton />}
    </Page>
  );
}
