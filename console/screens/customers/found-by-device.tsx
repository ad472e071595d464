/** Who has access to the device or the meter that somebody searches for. */
import { type DeviceName, NAMED, type Named, type PermissionKind } from '../../api/access.ts';
import { findDevices } from '../../api/devices.ts';
import { CustomerName } from '../../parts/customer-name.tsx';
import { useLoad } from '../../parts/load.ts';
import { Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';

interface Found extends DeviceName {
  permissions: { permission: PermissionKind; user: Named | null }[];
}

/** So many have room above the list. The page of the device has all. */
const SHOWN = 10;

function Device({ deviceId, meterId, permissions }: Found) {
  const people = new Map(permissions.map(({ user }) => [user?.id, user]));
  const shown = [...people.values()].slice(0, SHOWN);
  return (
    <Section
      title={`Device ${deviceId}`}
      about={
        people.size === 0
          ? 'No customer has access to it.'
          : 'These have access to it. Open one to see what they may do.'
      }
      actions={
        <a class="button" href={`/console/devices/${deviceId}`}>
          Open device
        </a>
      }
    >
      {meterId !== null && (
        <p class="soft">
          It reads meter <bdi>{meterId}</bdi>.
        </p>
      )}
      <ul class="chips">
        {shown.map((user) => (
          <li key={user?.id} class="link">
            <CustomerName user={user} />
          </li>
        ))}
        {people.size > SHOWN && <li class="link">and more</li>}
      </ul>
    </Section>
  );
}

export function FoundByDevice({ search }: { search: string }) {
  const { value, failure, reload } = useLoad(search, (signal) =>
    findDevices<Found>(
      search,
      `permissions(first: ${SHOWN + 1}) { permission user { ${NAMED} } }`,
      signal,
    ),
  );
  if (failure && !value) return <Problem failure={failure} onRetry={reload} />;
  return (
    <>
      {value?.map((device) => (
        <Device key={device.deviceId} {...device} />
      ))}
    </>
  );
}
