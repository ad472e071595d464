/**
 * Loaded ahead of each script (`node --import`), also by a Node that cannot read TypeScript: says in a sentence what is
 * missing, where that Node would show a stack.
 */
import { existsSync } from 'node:fs';

/** The first that runs TypeScript as it stands. */
const NEEDED = [22, 18];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOld = major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);

/** @param {string} sentence */
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (!existsSync('package.json')) stop('Run this in the folder of the project, where package.json is.');
if (!existsSync('node_modules/wrangler')) {
  stop('The packages are not installed yet. Run this first: npm ci');
}
if (isOld) {
  stop(
    `This is Node ${process.versions.node}, and the scripts need ${NEEDED.join('.')} or later. \`npm ci\` brings one, unless scripts of packages are off. Run: npm ci --ignore-scripts=false`,
  );
}

// Who reads what a script says may stop reading, as `head` does, and a terminal may close. Nothing ends for that.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
