/** Choosing stations, a project at a time: there may be thousands. */
import { useState } from 'preact/hooks';
import { rest } from '../api/rest.ts';
import type { Paging, Project, Station } from '../api/types.ts';
import { useField } from './form.tsx';
import { Icon } from './icons.tsx';
import { Skeleton } from './list.tsx';
import { offsetPage, PAGE_SIZE, usePages } from './pages.ts';
import { Problem } from './problem.tsx';

export interface StationName {
  id: number;
  name: string;
}

interface ChoiceProps {
  chosen: readonly StationName[];
  onChange(chosen: StationName[]): void;
}

const queryOf = (after: string | null, search: string): string =>
  String(
    new URLSearchParams({
      ...{ page: after ?? '1', per_page: String(PAGE_SIZE) },
      ...(search ? { search } : {}),
    }),
  );

export async function readProjects(after: string | null, signal?: AbortSignal) {
  const { projects, paging } = await rest<{ projects: Project[]; paging: Paging }>(
    `GET /project?${queryOf(after, '')}`,
    undefined,
    signal,
  );
  return offsetPage(projects, paging);
}

export async function readStations(
  projectId: number | string,
  search: string,
  after: string | null,
  signal?: AbortSignal,
) {
  const { stations, paging } = await rest<{ stations: Station[]; paging: Paging }>(
    `GET /project/${encodeURIComponent(projectId)}/station?${queryOf(after, search)}`,
    undefined,
    signal,
  );
  return offsetPage(stations, paging);
}

function StationsOfProject({ projectId, chosen, onChange }: ChoiceProps & { projectId: number }) {
  const [search, setSearch] = useState('');
  const pages = usePages(`${projectId} ${search}`, (after, signal) =>
    readStations(projectId, search, after, signal),
  );
  const toggle = ({ id, name }: Station, isIn: boolean) =>
    onChange(isIn ? chosen.filter((one) => one.id !== id) : [...chosen, { id, name }]);
  return (
    <>
      <input
        type="search"
        aria-label="Search stations"
        placeholder="Name or code begins with …"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      {pages.failure && <Problem failure={pages.failure} onRetry={pages.reload} />}
      {!pages.rows && !pages.failure && <Skeleton lines={2} />}
      {pages.rows?.length === 0 && <p class="hint">No station fits.</p>}
      <ul class="options">
        {pages.rows?.map((station) => {
          const isIn = chosen.some(({ id }) => id === station.id);
          return (
            <li key={station.id}>
              <label>
                <input type="checkbox" checked={isIn} onChange={() => toggle(station, isIn)} />
                <span>
                  <bdi>{station.name}</bdi> <small class="faint">{station.code}</small>
                </span>
              </label>
            </li>
          );
        })}
      </ul>
      {pages.hasMore && (
        <button type="button" class="small" disabled={pages.busy} onClick={pages.readMore}>
          Load more
        </button>
      )}
    </>
  );
}

/** A project, its stations with boxes to check, and a search among them. */
export function StationChoice({ chosen, onChange }: ChoiceProps) {
  const projects = usePages('projects', readProjects);
  const [projectId, setProject] = useState<number>();
  if (!projects.rows) {
    if (!projects.failure) return <Skeleton lines={2} />;
    return <Problem failure={projects.failure} onRetry={projects.reload} />;
  }
  const current = projectId ?? projects.rows[0]?.id;
  if (current === undefined) return <p class="hint">There are no stations yet.</p>;
  return (
    <div class="choice">
      <select
        aria-label="Project"
        value={current}
        onChange={(event) => setProject(Number(event.currentTarget.value))}
      >
        {projects.rows.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      {projects.hasMore && (
        <button type="button" class="small" disabled={projects.busy} onClick={projects.readMore}>
          More projects
        </button>
      )}
      <StationsOfProject key={current} projectId={current} chosen={chosen} onChange={onChange} />
    </div>
  );
}

interface ChosenProps extends ChoiceProps {
  /** Shows what can be chosen at once, where there is nothing else to do. */
  open?: boolean;
}

/** The chosen stations as a field of a form: `station_ids`. */
export function ChosenStations({ chosen, onChange, open = false }: ChosenProps) {
  const [isOpen, setOpen] = useState(open);
  const { attributes, notes } = useField('station_ids');
  const drop = (id: number) => onChange(chosen.filter((one) => one.id !== id));
  return (
    <fieldset>
      <legend>Stations</legend>
      <input type="hidden" {...attributes} />
      {chosen.length === 0 && (
        <p class="hint">None yet. Level 2 to 4 see only those chosen here.</p>
      )}
      <ul class="chips">
        {chosen.map(({ id, name }) => (
          <li key={id}>
            <bdi>{name}</bdi>
            <button
              type="button"
              class="plain icon"
              aria-label={`Leave out ${name}`}
              onClick={() => drop(id)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {isOpen ? (
        <StationChoice chosen={chosen} onChange={onChange} />
      ) : (
        <div>
          <button type="button" class="small" onClick={() => setOpen(true)}>
            Choose stations
          </button>
        </div>
      )}
      {notes}
    </fieldset>
  );
}
