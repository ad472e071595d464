/** What is asked about tokens, by sessions themselves, and by the clock. */
import type { Level } from '../../src/domain/entities/user.ts';
import { copyKey } from '../../src/domain/sessions/kv.ts';
import { graphql, request } from './isolate.ts';
import type { Prepare, Scene } from './scene.ts';

const verify =
  (query: (ids: Scene['ids']) => string, status?: number): Prepare =>
  ({ ids }) => ({
    request: request(ids.accessToken, `GET /verify/${ids.tenantId}${query(ids)}`),
    ...(status === undefined ? {} : { status }),
  });

const form =
  (what: string, by: 'key' | 'session'): Prepare =>
  ({ key, ids }) => {
    const body = new URLSearchParams({ token: ids.accessToken });
    return { request: request(by === 'key' ? key : ids.accessToken, what, body) };
  };

const strict = 'consistency=strict';

const viewerStations =
  (level: Level): Prepare =>
  ({ staff }) => ({
    request: graphql(staff[level] ?? '', '{ viewer { stations(first: 5) { nodes { id } } } }'),
  });

export const edgeCalls: Record<string, Prepare> = {
  'viewer, stations, level 1': viewerStations(1),
  'viewer, stations, level 4': viewerStations(4),
  '/verify, cold': verify(() => ''),
  '/verify, cold and without a copy': async (scene) => {
    await scene.env.SESSIONS.delete(copyKey(scene.ids.sessionId));
    return verify(() => '')(scene);
  },
  '/verify, strict': verify(() => `?${strict}`),
  '/verify of a device, cold': verify(({ deviceId }) => `?device=${deviceId}`),
  '/verify of a device, strict': verify(({ deviceId }) => `?device=${deviceId}&${strict}`),
  '/verify of a meter, strict': verify(({ meterId }) => `?meter=${meterId}&${strict}`),
  '/verify of a device, denied': verify(() => '?device=00000000', 403),
  '/verify of a station, denied': verify(({ stationIds }) => `?station=${stationIds[4]}`, 403),
  '/verify of a station, strict, level 4': ({ ids, staff }) => ({
    request: request(
      staff[4] ?? '',
      `GET /verify/${ids.tenantId}?station=${ids.stationIds[4]}&${strict}`,
    ),
  }),
  '/verify of a station, strict, level 1': ({ ids, staff }) => ({
    request: request(
      staff[1] ?? '',
      `GET /verify/${ids.tenantId}?station=${ids.stationIds[4]}&${strict}`,
    ),
  }),
  '/introspect': form('POST /introspect', 'key'),
  '/introspect, strict': form(`POST /introspect?${strict}`, 'key'),
  '/revoke': form('POST /revoke', 'key'),
  '/revoke by the session itself': form('POST /revoke', 'session'),
  'GET /session': ({ ids }) => ({ request: request(ids.accessToken, 'GET /session') }),
  'GET /session, strict': ({ ids }) => ({
    request: request(ids.accessToken, `GET /session?${strict}`),
  }),
  'DELETE /session': ({ ids }) => ({ request: request(ids.accessToken, 'DELETE /session') }),
  sweep: () => ({}),
};
