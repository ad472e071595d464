/** Checks that `npm ci` installs the locked bytes: each package must have a hash. */
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
 * The packages from a registry without a hash. npm omits it for packages of other platforms when it
 * creates a lock file from installed packages. The project itself, links and bundled packages have
 * none.
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
