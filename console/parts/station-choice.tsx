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

/** Projects whose name, or that of a station in it, has `search` in it. */
export async function readProjects(search: string, after: string | null, signal?: AbortSignal) {
  const { projects, paging } = await rest<{ projects: Project[]; paging: Paging }>(
    `GET /project?${queryOf(after, search)}`,
    undefined,
    signal,
  );
  return offsetPage(projects, paging);
}

/** What to search for in a project that was found: by its own name, it was found as a whole. */
export const searchWithin = (project: Project, search: string): string =>
  project.name.toLowerCase().includes(search.toLowerCase()) ? '' : search;

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

interface FoundProps extends ChoiceProps {
  search: string;
}

function StationsOfProject({
  projectId,
  search,
  chosen,
  onChange,
}: FoundProps & { projectId: number }) {
  const pages = usePages(`${projectId} ${search}`, (after, signal) =>
    readStations(projectId, search, after, signal),
  );
  const toggle = ({ id, name }: Station, isIn: boolean) =>
    onChange(isIn ? chosen.filter((one) => one.id !== id) : [...chosen, { id, name }]);
  return (
    <>
      {pages.failure && <Problem failure={pages.failure} onRetry={pages.reload} />}
      {!pages.rows && !pages.failure && <Skeleton lines={2} />}
      {pages.rows?.length === 0 && <p class="hint">There is no station here yet.</p>}
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

/** The projects that fit, of which one is open. */
function FoundProjects({ search, chosen, onChange }: FoundProps) {
  const projects = usePages(search, (after, signal) => readProjects(search, after, signal));
  const [projectId, setProject] = useState<number>();
  if (!projects.rows) {
    if (!projects.failure) return <Skeleton lines={2} />;
    return <Problem failure={projects.failure} onRetry={projects.reload} />;
  }
  const current = projects.rows.find(({ id }) => id === projectId) ?? projects.rows[0];
  if (!current) {
    return <p class="hint">{search ? 'No station fits.' : 'There are no stations yet.'}</p>;
  }
  return (
    <>
      <select
        aria-label="Project"
        value={current.id}
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
      <StationsOfProject
        key={current.id}
        projectId={current.id}
        search={searchWithin(current, search)}
        {...{ chosen, onChange }}
      />
    </>
  );
}

/** A search in all projects, then one of them with its stations, which have boxes to check. */
export function StationChoice(props: ChoiceProps) {
  const [search, setSearch] = useState('');
  return (
    <div class="choice">
      <input
        type="search"
        aria-label="Search stations"
        placeholder="Name or code of a station, or a project"
        autoComplete="off"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <FoundProjects search={search.trim()} {...props} />
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
