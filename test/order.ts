/**
 * The order in which files begin: those that take longest come first. If one of them began last, a
 * core would wait for it.
 */
import { existsSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Of each project, the longest first. */
const LONGEST = [
  'project/console',
  'project/clients',
  'project/restore',
  'project/import',
  'project/start',
  'project/staging',
  'project/empty-account',
  'project/pages',
  'project/readme',
  'rest/levels',
  'faults/faults',
  'isolation/matrix',
  'rest/input',
  'domain/sessions/revocation',
  'model/model',
  'faults/sweep',
  'scale/scale',
  'domain/usage/room',
  'rest/crowd',
  'front/second-factors',
];

for (const name of LONGEST) {
  if (existsSync(new URL(`${name}.test.ts`, import.meta.url))) continue;
  throw new Error(`test/order.ts names test/${name}.test.ts, which does not exist.`);
}

/** The place in the list. A file that is not in it comes behind all that are. */
function placeOf({ moduleId }: TestSpecification): number {
  const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return at < 0 ? LONGEST.length : at;
}

export class LongestFirst extends BaseSequencer {
  /** Projects stay apart: a worker of the one is none of the other. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...Map.groupBy(sorted, ({ project }) => project.name).values()];
    return projects.flatMap((own) => own.sort((one, other) => placeOf(one) - placeOf(other)));
  }
}
