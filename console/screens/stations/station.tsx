/** One station: what it is, its sensors, who sees it and who is told. */

import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { rest } from '../../api/rest.ts';
import type { Project, Station } from '../../api/types.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Facts, Page, Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Time } from '../../parts/time.tsx';
import { useLevel } from '../../session.tsx';
import { STATIONS } from './project.tsx';
import { InUse } from './projects.tsx';
import { Sensors } from './sensors.tsx';
import { StationForm } from './station-form.tsx';
import { ToldOfAlarms, Watchers } from './watchers.tsx';

interface StationProps {
  station: Station;
  reload(): void;
}

const SECOND = new Intl.NumberFormat(undefined, {
  ...{ style: 'unit', unit: 'second', unitDisplay: 'long' },
});

function StationActions({ station, reload }: StationProps) {
  const [asked, ask] = useState<'change' | 'remove'>();
  const { route } = useLocation();
  const say = useNotice();
  const close = () => ask(undefined);
  const remove = async () => {
    await rest(`DELETE /station/${station.id}`);
    say(`${quoted(station.name)} is removed.`);
    route(`/console/stations/project/${station.project_id}`);
  };
  return (
    <>
      <button type="button" onClick={() => ask('change')}>
        Change station
      </button>
      <button type="button" class="warns" onClick={() => ask('remove')}>
        Remove station
      </button>
      {asked === 'change' && (
        <StationForm
          title="Change station"
          station={station}
          save={(values) => rest(`PATCH /station/${station.id}`, values)}
          onSaved={reload}
          onClose={close}
        />
      )}
      {asked === 'remove' && (
        <Confirm
          title="Remove this station?"
          action="Remove"
          typed={station.code}
          onConfirm={remove}
          onClose={close}
        >
          <p>
            <bdi>{station.name}</bdi> goes, with its sensors and channels. This cannot be undone.
          </p>
        </Confirm>
      )}
    </>
  );
}

/** A station without a position stands at 0, 0. */
const positionOf = ({ latitude, longitude }: Station): string =>
  Number(latitude) === 0 && Number(longitude) === 0 ? 'Unknown' : `${latitude}, ${longitude}`;

const StationFacts = ({ station }: { station: Station }) => (
  <Facts
    facts={[
      ['Code', <bdi key="code">{station.code}</bdi>],
      ['Reports every', SECOND.format(station.reporting)],
      ['Kind of data logger', station.ref_logger_id],
      ['Place', <bdi key="place">{station.location ?? 'Unknown'}</bdi>],
      ['Position', positionOf(station)],
      ['Time zone', `${station.timezone_name} (${station.timezone})`],
      ['Added', <Time key="added" at={station.created_at} />],
      ['Changed', <Time key="changed" at={station.updated_at} near />],
    ]}
  />
);

export function StationPage({ id }: { id: string }) {
  const level = useLevel();
  const { value, failure, reload } = useLoad(id, async (signal) => {
    const path = `GET /station/${encodeURIComponent(id)}`;
    const { station } = await rest<{ station: Station }>(path, undefined, signal);
    const up = `GET /project/${station.project_id}`;
    const { project } = await rest<{ project: Project }>(up, undefined, signal);
    return { station, project };
  });
  if (!value) {
    return (
      <Page title="Station" trail={[STATIONS]}>
        {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />}
      </Page>
    );
  }
  const { station, project } = value;
  return (
    <Page
      title={station.name}
      trail={[STATIONS, [`/console/stations/project/${project.id}`, project.name]]}
      badges={<InUse status={station.status} />}
      actions={level <= 3 && <StationActions station={station} reload={reload} />}
    >
      <Section title="Details">
        <StationFacts station={station} />
      </Section>
      <Sensors stationId={station.id} mayChange={level <= 3} />
      {level <= 2 && <Watchers stationId={station.id} />}
      {level <= 2 && <ToldOfAlarms stationId={station.id} />}
    </Page>
  );
}
