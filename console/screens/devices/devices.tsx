/** The company's devices. */
import type { DeviceName as Names } from '../../api/access.ts';
import { findDevices } from '../../api/devices.ts';
import { graphql } from '../../api/graphql.ts';
import { DeviceName } from '../../parts/device-name.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { Page } from '../../parts/page.tsx';
import {
  type Connection,
  cursorPage,
  PAGE_INFO,
  PAGE_SIZE,
  type Page as Rows,
  usePages,
} from '../../parts/pages.ts';
import { Search } from '../../parts/search.tsx';
import { useQuery } from '../../parts/url.ts';
import type { ScreenProps } from '../../screens.ts';
import { DevicePage } from './device.tsx';

interface Device extends Names {
  permissions: { user: { id: string } | null }[];
}

/** So many people are counted. */
const COUNTED = 5;

const SELECTION = `permissions(first: ${COUNTED}) { user { id } }`;

const QUERY = `query ($first: Int!, $after: String, $search: String) {
  devices(first: $first, after: $after, search: $search) {
    nodes { deviceId meterId ${SELECTION} } ${PAGE_INFO}
  }
}`;

function accessWords({ permissions }: Device): string {
  const people = new Set(permissions.map(({ user }) => user?.id)).size;
  if (people === 0) return 'Nobody';
  if (people >= COUNTED) return `${COUNTED} or more`;
  return people === 1 ? '1 customer' : `${people} customers`;
}

const columns: Column<Device>[] = [
  { name: 'Device', cell: (device) => <DeviceName {...device} /> },
  { name: 'Who has access', cell: accessWords },
];

/** The API takes no other text for the beginning of an id. */
const BEGINNING = /^[A-Za-z0-9]{1,8}$/;

const NONE: Rows<Device> = { rows: [], next: null };

async function readById(
  search: string,
  after: string | null,
  signal?: AbortSignal,
): Promise<Rows<Device>> {
  if (search && !BEGINNING.test(search)) return NONE;
  const variables = { first: PAGE_SIZE, after, search: search || null };
  const { devices } = await graphql<{ devices: Connection<Device> }>(QUERY, variables, signal);
  return cursorPage(devices);
}

/** The devices whose ids begin with the text, after the one whose meter it is. */
async function readDevices(
  search: string,
  after: string | null,
  signal?: AbortSignal,
): Promise<Rows<Device>> {
  if (search === '' || after !== null) return readById(search, after, signal);
  const [found, { rows, next }] = await Promise.all([
    findDevices<Device>(search, SELECTION, signal),
    readById(search, null, signal),
  ]);
  const others = rows.filter((row) => !found.some(({ deviceId }) => deviceId === row.deviceId));
  return { rows: [...found, ...others], next };
}

function Devices() {
  const [{ search = '' }] = useQuery();
  const devices = usePages(search, (after, signal) => readDevices(search, after, signal));
  return (
    <Page title="Devices" about="The meter readers of your company.">
      <div class="filters">
        <Search label="Search devices" hint="Device ID or meter number" />
      </div>
      <List
        caption="Devices"
        columns={columns}
        pages={devices}
        keyOf={({ deviceId }) => deviceId}
        empty={
          search ? (
            <Empty title="No device fits this search.">
              <p>
                Enter how the device’s ID begins, or the whole number of the power meter. Capital
                and small letters differ.
              </p>
            </Empty>
          ) : (
            <Empty title="Your company has no devices yet.">
              <p>They come with orders, or the operator of this service assigns them to you.</p>
              <a href="/console/orders">Go to orders</a>
            </Empty>
          )
        }
      />
    </Page>
  );
}

export const Screen = ({ rest: [id] }: ScreenProps) =>
  id === undefined ? <Devices /> : <DevicePage key={id} deviceId={id} />;
