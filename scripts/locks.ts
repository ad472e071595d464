/** Holds that `npm ci` installs what was locked: each package has the hash that its bytes must have. */
import { readFileSync } from 'node:fs';
import { stop } from './local.ts';

const LOCKS = [
  'package-lock.json',
  'test/bench/package-lock.json',
  'test/clients/package-lock.json',
];

interface Lock {
  packages: Record<string, { integrity?: string; link?: true; inBundle?: true }>;
}

/**
 * The packages that come from a registry and have no hash. npm leaves it out for packages of other
 * platforms when it makes a lock from what is installed. The project itself, a link and what comes
 * inside of another package have none.
 */
const unlocked = ({ packages }: Lock): string[] =>
  Object.entries(packages)
    .filter(([path, one]) => path && !one.integrity && !one.link && !one.inBundle)
    .map(([path]) => path);

for (const file of LOCKS) {
  const bare = unlocked(JSON.parse(readFileSync(file, 'utf8')));
  if (bare.length === 0) continue;
  stop(
    `${file} has no integrity for ${bare.join(', ')}. ` +
      'Delete these entries from it and run `npm install --package-lock-only` in its folder.',
  );
}
