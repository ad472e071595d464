/** Random secrets for a local Worker, so that none is in a file that others read. */
import { randomBytes } from 'node:crypto';

const random = (): string => randomBytes(32).toString('base64url');

export const freshSecrets = () => ({
  OPERATOR_KEY: `lk_op_${random()}`,
  TOKEN_SECRETS: random(),
  SIGNING_SECRETS: random(),
});
