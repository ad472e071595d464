/** All devices: who has them, and which are in stock. */
import { useState } from 'preact/hooks';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { Page } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { Search } from '../../parts/search.tsx';
import { useQuery } from '../../parts/url.ts';
import type { ScreenProps } from '../../screens.ts';
import { AddDevices } from './add-devices.tsx';
import { AssignFilter, type Where } from './assign-filter.tsx';
import { Chosen } from './chosen.tsx';
import { type Device, readInventory } from './devices.ts';

interface Choosing {
  chosen: ReadonlyMap<string, Device>;
  toggle(device: Device): void;
}

const Owner = ({ device: { intermediary } }: { device: Device }) =>
  intermediary ? (
    <a href={`/console/companies/${intermediary.id}`}>
      <bdi>{intermediary.name}</bdi>
    </a>
  ) : (
    <Badge>In stock</Badge>
  );

const columnsOf = ({ chosen, toggle }: Choosing): Column<Device>[] => [
  {
    name: 'Device',
    cell: (device) => (
      <label class="choosable">
        <input
          type="checkbox"
          aria-label={`Choose ${device.deviceId}`}
          checked={chosen.has(device.deviceId)}
          onChange={() => toggle(device)}
        />
        <span class="entry">
          <strong>
            <code>{device.deviceId}</code>
          </strong>
          {device.meterId !== null && (
            <small class="phone-only">
              Meter <bdi>{device.meterId}</bdi>
            </small>
          )}
        </span>
      </label>
    ),
  },
  {
    ...{ name: 'Meter', wide: true },
    cell: ({ meterId }) =>
      meterId === null ? <span class="faint">None</span> : <bdi class="meter">{meterId}</bdi>,
  },
  { name: 'Company', cell: (device) => <Owner device={device} /> },
];

const ASSIGNED: Record<Where, boolean | null> = { all: null, assigned: true, stock: false };

function Inventory() {
  const [{ search = '', show = 'all' }] = useQuery();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Device>>(new Map());
  const assigned = ASSIGNED[show as Where] ?? null;
  const devices = usePages(`${show} ${search}`, (after, signal) =>
    readInventory({ search, assigned }, after, signal),
  );
  const toggle = (device: Device) => {
    const next = new Map(chosen);
    if (!next.delete(device.deviceId)) next.set(device.deviceId, device);
    setChosen(next);
  };
  const done = () => {
    setChosen(new Map());
    devices.reload();
  };
  return (
    <Page
      title="Inventory"
      about="All devices: those that companies have, and those in stock."
      actions={
        <a class="button primary" href="/console/inventory/add">
          Add devices
        </a>
      }
    >
      <div class="filters">
        <Search label="Search devices" hint="Device id begins with …" />
        <AssignFilter />
      </div>
      <Chosen
        devices={[...chosen.values()]}
        onClear={() => setChosen(new Map())}
        onPart={devices.reload}
        onDone={done}
      />
      <List
        caption="Devices"
        columns={columnsOf({ chosen, toggle })}
        pages={devices}
        keyOf={({ id }) => id}
        empty={
          search || assigned !== null ? (
            <Empty title="No device fits." />
          ) : (
            <Empty title="There is no device yet.">
              <p>Add devices from a list, into stock or for a company.</p>
            </Empty>
          )
        }
      />
    </Page>
  );
}

export const Screen = ({ rest: [part] }: ScreenProps) =>
  part === 'add' ? <AddDevices /> : <Inventory />;
