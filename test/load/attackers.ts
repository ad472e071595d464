/** Tenants that ask for ten times what they may, each in a way of its own. */
import { UNITS_PER_SECOND } from '../../src/front/settings.ts';
import type { Client } from './client.ts';
import type { Shot } from './flood.ts';
import { forEach } from './population.ts';

export interface Company {
  id: string;
  key: string;
  users: { externalId: string; deviceId: string; token: string }[];
}

export interface Attacker {
  name: string;
  perSecond: number;
  shots(client: Client, company: Company): Promise<Shot[]> | Shot[];
}

/** Ten times what one key or session may: 6,000 calls a minute. */
const BY_CREDENTIAL = 1_000;
/** Ten times what a tenant may go on with in one isolate, in units a second. */
const BY_TENANT = 10 * UNITS_PER_SECOND;
/** Lines of an import; 20 are a unit. */
const LINES = 2_000;

const graphql = (credential: string, query: string): Shot => ({
  method: 'POST',
  path: '/graphql',
  credential,
  body: JSON.stringify({ query }),
});

const VIEWER =
  '{ viewer { user { id } devices(first: 10) { nodes { deviceId } } orders { orderId } } }';

let runs = 0;

export const ATTACKERS: Attacker[] = [
  {
    name: 'one key, lists',
    perSecond: BY_CREDENTIAL,
    shots: (_, { key }) => [graphql(key, '{ users(first: 20) { nodes { id name } } }')],
  },
  {
    name: 'one key, changes',
    perSecond: BY_CREDENTIAL,
    shots: (_, { key }) =>
      Array.from({ length: 1_000 }, (_, n) => {
        const user = `{ externalUser: { externalId: "flood-${n}" } }`;
        return graphql(key, `mutation { addUser(input: { userIdentifier: ${user} }) { success } }`);
      }),
  },
  {
    name: 'many sessions',
    perSecond: BY_TENANT,
    shots: (_, { users }) => users.map(({ token }) => graphql(token, VIEWER)),
  },
  {
    name: 'ended tokens',
    perSecond: BY_TENANT,
    async shots(client, { key, users }) {
      const ended: Shot[] = [];
      await forEach(users.slice(0, 50), async ({ externalId }) => {
        const userIdentifier = { externalUser: { externalId } };
        const opened = 'session { id accessToken }';
        const { session } = await client.change(key, 'addUserSession', { userIdentifier }, opened);
        await client.change(key, 'removeUserSession', { sessionId: session.id });
        const { accessToken: credential } = session;
        ended.push(graphql(credential, VIEWER), { method: 'GET', path: '/project', credential });
      });
      return ended;
    },
  },
  {
    name: 'garbage',
    perSecond: BY_TENANT,
    shots: () =>
      Array.from({ length: 1_000 }, (_, n) =>
        graphql(`lk_ses_${String(n).padStart(40, 'x')}${'0'.repeat(20)}`, VIEWER),
      ),
  },
  {
    name: 'imports',
    perSecond: BY_TENANT / (LINES / 20),
    shots(_, { key }) {
      const run = runs++;
      return Array.from({ length: 10 }, (_, nth) => ({
        method: 'POST',
        path: '/import',
        credential: key,
        type: 'application/x-ndjson',
        body: Array.from(
          { length: LINES },
          (_, n) => `{"externalId":"import-${run}-${nth}-${n}"}\n`,
        ).join(''),
      }));
    },
  },
];
