/**
 * Projects, their stations, and what is in a station: `/stations`, `/stations/project/1`,
 * `/stations/2`.
 */
import type { ScreenProps } from '../../screens.ts';
import { ProjectPage } from './project.tsx';
import { Projects } from './projects.tsx';
import { StationPage } from './station.tsx';

export function Screen({ rest: [first, second] }: ScreenProps) {
  if (first === undefined) return <Projects />;
  if (first === 'project' && second !== undefined) return <ProjectPage key={second} id={second} />;
  return <StationPage key={first} id={first} />;
}
