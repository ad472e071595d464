/** Where things are on the machine of whoever runs this project, and what they ask for. */
import { existsSync, readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';

export const wrangler = 'node_modules/wrangler/bin/wrangler.js';

/** The local Worker's secrets. */
export const SECRETS = '.dev.vars';

/** The first operator key of the local Worker. */
export function localOperatorKey(): string {
  if (!existsSync(SECRETS))
    stop(`There is no ${SECRETS} yet: run \`npm start\` first, or give --key.`);
  const key = /^OPERATOR_KEY=([^,\s]+)/m.exec(readFileSync(SECRETS, 'utf8'))?.[1];
  if (!key) throw new Error(`${SECRETS} has no OPERATOR_KEY: delete it and run \`npm start\`.`);
  return key;
}

/** Ends with a sentence, where a stack would tell nobody anything. */
export function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

/** The options that a script was given; `usage` is shown for one that it does not have. */
export function readOptions<Options extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: Options,
) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return stop(`${(error as Error).message}\n${usage}`);
  }
}
