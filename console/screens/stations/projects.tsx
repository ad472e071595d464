/** The projects, and adding one. */
import { useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import type { Project } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { Page } from '../../parts/page.tsx';
import { usePages } from '../../parts/pages.ts';
import { Search } from '../../parts/search.tsx';
import { readProjects, searchWithin } from '../../parts/station-choice.tsx';
import { Time } from '../../parts/time.tsx';
import { useQuery } from '../../parts/url.ts';
import { useLevel } from '../../session.tsx';
import { ProjectForm } from './project-form.tsx';

/** A project that was found by a station shows that station. */
const projectLink = (project: Project, search: string): string => {
  const within = searchWithin(project, search);
  const query = within ? `?${new URLSearchParams({ search: within })}` : '';
  return `/console/stations/project/${project.id}${query}`;
};

const columnsWith = (search: string): Column<Project>[] => [
  {
    name: 'Project',
    cell: (project) => (
      <span class="entry">
        <a href={projectLink(project, search)}>
          <bdi>{project.name}</bdi>
        </a>
      </span>
    ),
  },
  { name: 'Changed', wide: true, cell: ({ updated_at }) => <Time at={updated_at} near /> },
  { name: 'Status', cell: ({ status }) => <InUse status={status} /> },
];

/** For projects, stations, sensors and channels. */
export const InUse = ({ status }: { status: 0 | 1 }) =>
  status === 1 ? <Badge tone="good">In use</Badge> : <Badge>Not in use</Badge>;

const None = ({ mayAdd }: { mayAdd: boolean }) => (
  <Empty title={mayAdd ? 'There is no project yet.' : 'You see no station yet.'}>
    <p>
      {mayAdd
        ? 'Begin with a project, such as a river or a street. Then add its stations.'
        : 'Ask a colleague of level 1 or 2 to assign you one.'}
    </p>
  </Empty>
);

export function Projects() {
  const level = useLevel();
  const mayAdd = level <= 2;
  const [isAdding, setAdding] = useState(false);
  const [{ search = '' }] = useQuery();
  const projects = usePages(search, (after, signal) => readProjects(search, after, signal));
  return (
    <Page
      title="Stations"
      about="Stations stand in projects. Open a project to see its stations."
      actions={
        mayAdd && (
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            Add project
          </button>
        )
      }
    >
      <div class="filters">
        <Search label="Search stations" hint="Project, station or code" />
      </div>
      <List
        caption="Projects"
        columns={columnsWith(search)}
        pages={projects}
        keyOf={({ id }) => id}
        empty={search ? <Empty title="No station fits this search." /> : <None mayAdd={mayAdd} />}
      />
      {isAdding && (
        <ProjectForm
          title="Add project"
          save={(values) => rest('POST /project', values)}
          onSaved={projects.reload}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}
