/** Who made something, as the GraphQL API tells it. */
import { NAMED, type Named } from './access.ts';

export interface Maker {
  apiKeyId: string | null;
  user: Named | null;
}

/** What to select of a key or a webhook for a Maker. Null: the operator. */
export const MAKER = `madeBy { apiKeyId user { ${NAMED} } }`;

export interface KeyName {
  id: string;
  name: string;
}
