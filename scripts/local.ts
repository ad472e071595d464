/** Where things are on the machine of whoever runs this project. */
import { readFileSync } from 'node:fs';

export const wrangler = 'node_modules/wrangler/bin/wrangler.js';

/** The local Worker's secrets. */
export const SECRETS = '.dev.vars';

/** The first operator key of the local Worker. */
export function localOperatorKey(): string {
  const key = /^OPERATOR_KEY=([^,\s]+)/m.exec(readFileSync(SECRETS, 'utf8'))?.[1];
  if (!key) throw new Error(`${SECRETS} has no OPERATOR_KEY: delete it and run \`npm start\`.`);
  return key;
}
