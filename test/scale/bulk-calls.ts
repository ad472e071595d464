/** Lines in and out: of one user each, and of the last page. */
import { request } from './isolate.ts';
import type { Prepare, Scene } from './scene.ts';

const line = ({ key, ids }: Scene, externalId: string): { request: Request } => {
  const body = { externalId, devicePermissions: [{ deviceId: ids.deviceId, expiresAt: null }] };
  const sent = request(key, 'POST /import', body);
  sent.headers.set('Content-Type', 'application/x-ndjson');
  return { request: sent };
};

export const bulkCalls: Record<string, Prepare> = {
  'POST /import, a new user': (scene) => line(scene, `zz ${scene.label}`),
  // Behind all but whom these very calls have imported.
  'GET /export, the last page': ({ key }) => ({ request: request(key, 'GET /export?after=z') }),
  'GET /events, the first page': ({ key }) => ({ request: request(key, 'GET /events') }),
  'GET /events, of three actions': ({ key }) => ({
    request: request(key, 'GET /events?actions=order.*'),
  }),
  'GET /events, from the end': ({ key }) => ({ request: request(key, 'GET /events?after=latest') }),
};
