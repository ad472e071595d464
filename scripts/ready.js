/**
 * Runs before each script (`node --import`), even on a Node that cannot read TypeScript. It says
 * what is missing instead of printing a stack trace.
 */
import { existsSync } from 'node:fs';

/** The first version that runs TypeScript directly. */
const NEEDED = [22, 18];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOld = major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);

/** @param {string} sentence */
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (!existsSync('package.json')) {
  stop('Run this in the folder of the project, where package.json is.');
}
if (!existsSync('node_modules/wrangler')) {
  stop('The packages are not installed yet. Run this first: npm ci');
}
if (isOld) {
  stop(
    `This is Node ${process.versions.node}, and the scripts need ${NEEDED.join('.')} or ` +
'later. `npm ci` installs one, unless package scripts are disabled. Run: npm ci ' +
'--ignore-scripts=false',
  );
}

// The reader of the output may stop reading, as `head` does, and a terminal may close. The script
// goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
