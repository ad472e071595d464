/** One project and its stations. */

import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { rest } from '../../api/rest.ts';
import type { Project, Station } from '../../api/types.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List, Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Page } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { Problem } from '../../parts/problem.tsx';
import { Search } from '../../parts/search.tsx';
import { readStations } from '../../parts/station-choice.tsx';
import { useQuery } from '../../parts/url.ts';
import { useLevel } from '../../session.tsx';
import { ProjectForm } from './project-form.tsx';
import { InUse } from './projects.tsx';
import { StationForm } from './station-form.tsx';

export const STATIONS = ['/console/stations', 'Stations'] as const;

const columns: Column<Station>[] = [
  {
    name: 'Station',
    cell: ({ id, name, code, location }) => (
      <span class="entry">
        <a href={`/console/stations/${id}`}>
          <bdi>{name}</bdi>
        </a>
        {location && (
          <small>
            <bdi>{location}</bdi>
          </small>
        )}
        <small class="phone-only">
          <bdi>{code}</bdi>
        </small>
      </span>
    ),
  },
  { name: 'Code', wide: true, cell: ({ code }) => <bdi>{code}</bdi> },
  { name: 'Time zone', wide: true, cell: ({ timezone_name }) => timezone_name },
  { name: 'Status', cell: ({ status }) => <InUse status={status} /> },
];

interface ProjectProps {
  project: Project;
  reload(): void;
}

function ProjectActions({ project, reload }: ProjectProps) {
  const [asked, ask] = useState<'change' | 'remove'>();
  const { route } = useLocation();
  const say = useNotice();
  const close = () => ask(undefined);
  const remove = async () => {
    await rest(`DELETE /project/${project.id}`);
    say(`${quoted(project.name)} is removed.`);
    route('/console/stations');
  };
  return (
    <>
      <button type="button" onClick={() => ask('change')}>
        Change project
      </button>
      <button type="button" class="warns" onClick={() => ask('remove')}>
        Remove project
      </button>
      {asked === 'change' && (
        <ProjectForm
          title="Change project"
          project={project}
          save={(values) => rest(`PATCH /project/${project.id}`, values)}
          onSaved={reload}
          onClose={close}
        />
      )}
      {asked === 'remove' && (
        <Confirm title="Remove this project?" action="Remove" onConfirm={remove} onClose={close}>
          <p>
            <bdi>{project.name}</bdi> goes. Only a project without stations can be removed.
          </p>
        </Confirm>
      )}
    </>
  );
}

function StationsOf({ project, reload }: ProjectProps) {
  const level = useLevel();
  const mayAdd = level <= 3;
  const [{ search = '' }] = useQuery();
  const [isAdding, setAdding] = useState(false);
  const stations = usePages(search, (after, signal) =>
    readStations(project.id, search, after, signal),
  );
  return (
    <Page
      title={project.name}
      trail={[STATIONS]}
      badges={<InUse status={project.status} />}
      actions={
        <>
          {level <= 2 && <ProjectActions project={project} reload={reload} />}
          {mayAdd && (
            <button type="button" class="primary" onClick={() => setAdding(true)}>
              Add station
            </button>
          )}
        </>
      }
    >
      <div class="filters">
        <Search label="Search stations" hint="Name or code" />
      </div>
      <List
        caption="Stations"
        columns={columns}
        pages={stations}
        keyOf={({ id }) => id}
        empty={
          <Empty title={search ? 'No station fits this search.' : 'There is no station here yet.'}>
            {!search && mayAdd && <p>Add the first with “Add station”.</p>}
          </Empty>
        }
      />
      {isAdding && (
        <StationForm
          title="Add station"
          save={(values) => rest(`POST /project/${project.id}/station`, values)}
          onSaved={stations.reload}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}

export function ProjectPage({ id }: { id: string }) {
  const { value, failure, reload } = useLoad(id, (signal) =>
    rest<{ project: Project }>(`GET /project/${encodeURIComponent(id)}`, undefined, signal),
  );
  if (value) return <StationsOf project={value.project} reload={reload} />;
  return (
    <Page title="Project" trail={[STATIONS]}>
      {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />}
    </Page>
  );
}
