/** Fills what a company has in the field, and adds the people who look after it. */
import { randomInt } from 'node:crypto';
import type { Calls } from './calls.ts';

const PROJECTS = {
  'Bridges of the city': ['Harbour bridge', 'Mill bridge', 'Old stone bridge'],
  Orchards: ['Upper orchard', 'Lower orchard'],
};

const STAFF = [
  { name: 'Grace', member_level_id: 2, status: 1 },
  { name: 'Edsger', member_level_id: 3, status: 1 },
  { name: 'Barbara', member_level_id: 4, status: 1 },
  { name: 'Niklaus', member_level_id: 4, status: 0 },
];

/** Metres. */
const UNIT = 18;

interface Identified {
  id: number;
}

async function addStation({ rest }: Calls, key: string, projectId: number, name: string) {
  const place = { reporting: 900, ref_logger_id: 12, timezone_name: 'Europe/London' };
  const { station } = await rest<{ station: Identified }>(
    'It adds a station',
    `POST /project/${projectId}/station`,
    key,
    Object.entries({ name, code: `ST-${randomInt(1e9)}`, ...place }),
  );
  const { sensor } = await rest<{ sensor: Identified }>(
    'It adds a sensor',
    `POST /station/${station.id}/sensor`,
    key,
    Object.entries({ name: 'Pressure probe' }),
  );
  const channel = { name: 'Water level', unit_id: UNIT };
  await rest(
    'It adds a channel',
    `POST /sensor/${sensor.id}/channel`,
    key,
    Object.entries(channel),
  );
  return station.id;
}

async function addProject(calls: Calls, key: string, name: string, stations: string[]) {
  const { project } = await calls.rest<{ project: Identified }>(
    'It starts a project',
    'POST /project',
    key,
    Object.entries({ name }),
  );
  return Promise.all(stations.map((station) => addStation(calls, key, project.id, station)));
}

/** Projects with stations, and people of each level below the first, who see some of them. */
export async function fillField(calls: Calls, key: string, companyId: string): Promise<void> {
  const stations = await Promise.all(
    Object.entries(PROJECTS).map(([name, names]) => addProject(calls, key, name, names)),
  );
  const seen = stations.flat().slice(0, 3);
  await Promise.all(
    STAFF.map((facts) => {
      const email = `${facts.name.toLowerCase()}-${randomInt(1e9)}@example.com`;
      const alarms = { alarm_email: 1, alarm_sms: 0 };
      return calls.rest('It adds a person', 'POST /user', key, [
        ...Object.entries({ ...facts, email, company_id: companyId, ...alarms }),
        ...seen.map((id): [string, number] => ['station_ids[]', id]),
      ]);
    }),
  );
}
