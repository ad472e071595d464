/** Files and options of scripts on this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs, parseEnv } from 'node:util';

export const wrangler = 'node_modules/wrangler/bin/wrangler.js';

/** The local Worker's secrets. */
export const SECRETS = '.dev.vars';

/** The local Worker's secrets and settings, by name. Stops with a message if there are none. */
export function readSecrets(): Record<string, string | undefined> {
  if (!existsSync(SECRETS)) {
    stop(`There is no ${SECRETS} yet: run \`npm start\` first, or give --key.`);
  }
  return parseEnv(readFileSync(SECRETS, 'utf8'));
}

/** The first operator key of the local Worker. */
export function localOperatorKey(): string {
  const [key] = (readSecrets().OPERATOR_KEY ?? '').split(/[\s,]+/).filter(Boolean);
  return key ?? stop(`${SECRETS} has no OPERATOR_KEY. Add one, or give --key.`);
}

/** Stops with a message instead of a stack trace. */
export function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

/** A word for the shell, quoted if needed. */
export const quote = (word: string): string =>
  /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The origin of a URL in the options. */
export function readUrl(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return new URL(text).origin;
  stop(`"${text}" is not a URL. Give one such as --url http://127.0.0.1:8787`);
}

/**
 * Stops if npm took an option as its own because two dashes are missing: the script would run
 * without it.
 */
function expectNothingTaken(usage: string, names: string[]): void {
  const taken = names.find((name) => `npm_config_${name.replaceAll('-', '_')}` in process.env);
  if (!taken) return;
  stop(`npm took --${taken} as its own option. Put two dashes before it: ${usage}`);
}

/**
 * The options of a script. `usage` is printed for unknown ones. `files`: the number of file names.
 */
export function readOptions<Options extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: Options,
  files = 0,
) {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  expectNothingTaken(usage, Object.keys(options));
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: files > 0 });
    if (positionals.length !== files) throw new Error('This takes the name of one file.');
    return { ...values, files: positionals };
  } catch (error) {
    // Node's message continues with names that begin with a dash, which is never meant here.
    const [said] = (error as Error).message.split('. To specify a positional');
    return stop(`${said}\n${usage}`);
  }
}
