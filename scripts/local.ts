/** Where things are on the machine of whoever runs this project, and what they ask for. */
import { existsSync, readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs, parseEnv } from 'node:util';

export const wrangler = 'node_modules/wrangler/bin/wrangler.js';

/** The local Worker's secrets. */
export const SECRETS = '.dev.vars';

/** The local Worker's secrets and settings by name. Stops with a sentence where there are none. */
export function readSecrets(): Record<string, string | undefined> {
  if (!existsSync(SECRETS)) {
    stop(`There is no ${SECRETS} yet: run \`npm start\` first, or give --key.`);
  }
  return parseEnv(readFileSync(SECRETS, 'utf8'));
}

/** The first operator key of the local Worker. */
export function localOperatorKey(): string {
  const [key] = (readSecrets().OPERATOR_KEY ?? '').split(/[\s,]+/).filter(Boolean);
  return key ?? stop(`${SECRETS} has no OPERATOR_KEY. Put one there, or give --key.`);
}

/** Ends with a sentence, where a stack would tell nobody anything. */
export function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

/** A word as shells take it: in quotes where it must be. */
export const quote = (word: string): string =>
  /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** An address that a script was given, without its path. */
export function readUrl(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return new URL(text).origin;
  stop(`"${text}" is no address. Give one such as --url http://127.0.0.1:8787`);
}

/** Stops where npm took an option for one of its own, for want of two dashes: the script would go on without it. */
function expectNothingTaken(usage: string, names: string[]): void {
  const taken = names.find((name) => `npm_config_${name.replaceAll('-', '_')}` in process.env);
  if (!taken) return;
  stop(`npm took --${taken} for an option of its own. Put two dashes before it: ${usage}`);
}

/** What a script was given; `usage` is shown for what it does not have. `files`: how many names stand beside the options. */
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
    // Node's own sentence goes on about names that begin with a dash: nobody means one.
    const [said] = (error as Error).message.split('. To specify a positional');
    return stop(`${said}\n${usage}`);
  }
}
