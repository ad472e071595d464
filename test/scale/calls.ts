/** Every operation there is, each as a call by or about a typical user of the large tenant. */
import { SCOPES } from '../../src/domain/entities/key.ts';
import type { Env } from '../../src/front/settings.ts';
import { bulkCalls } from './bulk-calls.ts';
import { edgeCalls } from './edge-calls.ts';
import { person } from './fill.ts';
import { graphqlCalls } from './graphql-calls.ts';
import { graphql, Isolate, request } from './isolate.ts';
import { restCalls } from './rest-calls.ts';
import { memberFields, memberOf, openSession, userOf } from './scene.ts';

/**
 * Each call with its name, ready to be sent, one after the other; `users` is how many the large
 * tenant has.
 */
export async function* calls(env: Env, users: number) {
  const isolate = new Isolate(env);
  // Users in the middle, each with three grants, two sessions and an order.
  const first = Math.floor(users / 2_000) * 1_000;
  const middle = await person(env.DB, first);
  const newKey = async (by: string, more = '') => {
    const scopes = JSON.stringify(SCOPES);
    const document =
      `mutation { addApiKey(input: { name: "a key", scopes: ${scopes} ${more} }) { success ` +
      'apiKey { id } secret } }';
    return (await isolate.fetch(graphql(by, document))).data.addApiKey;
  };
  const key: string = (await newKey(env.OPERATOR_KEY, `, intermediaryId: "${middle.tenantId}"`))
    .secret;
  const keyId: string = (await newKey(key)).apiKey.id;

  const hook =
    'mutation { addWebhook(input: { url: "https://hooks.example.com/" }) { webhook { id } } }';
  const webhookId: string = (await isolate.fetch(graphql(key, hook))).data.addWebhook.webhook.id;

  const feed = await isolate.fetch(request(key, 'GET /events?after=latest'));
  const eventCursor: string = feed.next;

  const staff: Record<number, string> = {};
  for (const level of [1, 2, 3, 4]) {
    const { user } = (
      await isolate.fetch(
        request(key, 'POST /user', {
          ...memberFields(middle, `staff-${users}-${level}`),
          member_level_id: level,
          ...(level === 1 ? { station_ids: [] } : {}),
        }),
      )
    ).data;
    const session = await openSession({ isolate, key }, memberOf(user.id));
    staff[level] = session.accessToken;
  }

  const rest = restCalls();
  const all = { ...graphqlCalls(), ...edgeCalls(), ...bulkCalls, ...rest };
  for (const [at, [name, prepare]] of Object.entries(all).entries()) {
    const someone = await person(env.DB, first + 4 * (at + 1));
    const session =
      name in rest
        ? { id: '', accessToken: '' }
        : await openSession({ isolate, key }, userOf(someone));
    const ids = {
      ...{ ...someone, sessionId: session.id, accessToken: session.accessToken },
      ...{ keyId, leakedKeyId: keyId, webhookId, eventCursor, processingOrderId: someone.orderId },
      newDeviceId: `Y${String(at).padStart(7, '0')}`,
    };
    const scene = { env, isolate, key, ids, staff, label: `call-${users}-${at}` };
    yield { name, key, ...(await prepare(scene)) };
  }
}
