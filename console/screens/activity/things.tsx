/** The names of what events are about: projects, stations and sensors. Events tell their ids. */
import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import type { AuditEvent } from './events.ts';

type Noun = 'project' | 'station' | 'sensor';

/** Where the company API has it: `/station/12`. */
const pathOf = (noun: Noun, id: string): string => `/${noun}/${id}`;

/** Names by path. */
type Names = ReadonlyMap<string, string>;

export const ThingNames = createContext<Names>(new Map());

const nounOf = ({ action }: AuditEvent): string => action.slice(0, action.indexOf('.'));
const isRemoval = ({ action }: AuditEvent): boolean => action.endsWith('.remove');

/** What an event names that may still be there. */
function pathsIn(event: AuditEvent): string[] {
  const { projectId, stationIds, sensorId } = event;
  const ids = { project: projectId, station: stationIds[0] ?? null, sensor: sensorId };
  return (Object.keys(ids) as Noun[]).flatMap((noun) => {
    const id = ids[noun];
    const isGone = isRemoval(event) && nounOf(event) === noun;
    return id === null || isGone ? [] : [pathOf(noun, id)];
  });
}

/** Reads each name once. What is gone, or cannot be read, is shown without a name. */
export function useThingNames(events: readonly AuditEvent[] = []): Names {
  const [names, set] = useState<Names>(new Map());
  const asked = useRef(new Set<string>());
  const aborter = useRef(new AbortController());
  const paths = [...new Set(events.flatMap(pathsIn))].filter((path) => !asked.current.has(path));
  const read = async (path: string) => {
    asked.current.add(path);
    const { signal } = aborter.current;
    const data = await rest<Record<string, { name: string }>>(`GET ${path}`, undefined, signal);
    const [thing] = Object.values(data);
    if (thing) set((old) => new Map([...old, [path, thing.name]]));
  };
  useEffect(() => {
    for (const path of paths) read(path).catch(() => {});
  }, [paths.join(' ')]);
  useEffect(() => () => aborter.current.abort(), []);
  return names;
}

interface ThingProps {
  noun: Noun;
  id: string | null | undefined;
  /** Its page. Left out: it has none. */
  href?: string;
}

/** "station Weir", or "a station" without its name. */
export function Thing({ noun, id, href }: ThingProps) {
  const name = useContext(ThingNames).get(id ? pathOf(noun, id) : '');
  const words = name ? <bdi>{name}</bdi> : `a ${noun}`;
  return (
    <>
      {name && `${noun} `}
      {id && href ? <a href={href}>{words}</a> : words}
    </>
  );
}
