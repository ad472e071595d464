/** What is asked about tokens, by sessions themselves, and by the clock. */
import type { Level } from '../../src/domain/entities/user.ts';
import { copyKey } from '../../src/domain/sessions/kv.ts';
import { type EdgeCase, edgeCases, requestOf, sentBeside } from '../operations/cases.ts';
import { graphql, request } from './isolate.ts';
import type { Prepare, Scene } from './scene.ts';

const verify =
  (query: (ids: Scene['ids']) => string, status?: number): Prepare =>
  ({ ids }) => ({
    request: request(ids.accessToken, `GET /verify/${ids.tenantId}${query(ids)}`),
    ...(status === undefined ? {} : { status }),
  });

const strict = 'consistency=strict';

const viewerStations =
  (level: Level): Prepare =>
  ({ staff }) => ({
    request: graphql(staff[level] ?? '', '{ viewer { stations(first: 5) { nodes { id } } } }'),
  });

/** Besides what the table of operations has: what is asked otherwise, or of less. */
const besides: Record<string, Prepare> = {
  'viewer, stations, level 1': viewerStations(1),
  'viewer, stations, level 4': viewerStations(4),
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
  '/introspect, strict': ({ key, ids }) => {
    const body = new URLSearchParams({ token: ids.accessToken });
    return { request: request(key, `POST /introspect?${strict}`, body) };
  },
  'GET /session, strict': ({ ids }) => ({
    request: request(ids.accessToken, `GET /session?${strict}`),
  }),
  sweep: () => ({}),
};

const isCalled = ({ by, without, entry }: EdgeCase): boolean =>
  by[0] !== 'guest' && !without?.scale && entry.takes !== 'document';

export const edgeCalls = (): Record<string, Prepare> => ({
  ...Object.fromEntries(
    edgeCases()
      .filter(isCalled)
      .map((one): [string, Prepare] => [
        one.name,
        ({ key, ids }) => ({
          request: requestOf(sentBeside(one, ids), one.by[0] === 'key' ? key : ids.accessToken),
        }),
      ]),
  ),
  ...besides,
});
