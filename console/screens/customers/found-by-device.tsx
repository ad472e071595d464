/** Who has access to the device or the meter that somebody searches for. */
import { type DeviceName, NAMED, type Named, type PermissionKind } from '../../api/access.ts';
import { findDevices } from '../../api/devices.ts';
import { CustomerName } from '../../parts/customer-name.tsx';
import { type Load, useLoad } from '../../parts/load.ts';
import { Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';

interface Found extends DeviceName {
  permissions: { permission: PermissionKind; user: Named | null }[];
}

/** So many have room above the list. The page of the device has all. */
const SHOWN = 10;

const SELECTION = `permissions(first: ${SHOWN + 1}) { permission user { ${NAMED} } }`;

function Device({ deviceId, meterId, permissions }: Found) {
  const people = new Map(permissions.map(({ user }) => [user?.id, user]));
  const shown = [...people.values()].slice(0, SHOWN);
  return (
    <Section
      title={`Device ${deviceId}`}
      about={
        <>
          {meterId !== null && (
            <>
              It reads meter <bdi>{meterId}</bdi>.{' '}
            </>
          )}
          {people.size === 0
            ? 'No customer has access to it.'
            : 'These have access to it. Open one to see what they may do.'}
        </>
      }
      actions={
        <a class="button" href={`/console/devices/${deviceId}`}>
          Open device
        </a>
      }
    >
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

/** Searches the device or meter. Without a search there is none. */
export const useFound = (search: string): Load<Found[]> =>
  useLoad(search, (signal) =>
    search === '' ? Promise.resolve([]) : findDevices<Found>(search, SELECTION, signal),
  );

export function FoundByDevice({ found: { value, failure, reload } }: { found: Load<Found[]> }) {
  if (failure && !value) return <Problem failure={failure} onRetry={reload} />;
  return (
    <>
      {value?.map((device) => (
        <Device key={device.deviceId} {...device} />
      ))}
    </>
  );
}
