/** Importing, exporting and the feed: with every id that one can hold. */
import { rules } from '../../src/policy/rules.ts';
import type { Operation, Place, Shape } from './operation.ts';
import type { Kind } from './two.ts';

const place = (at: string, id: Kind): Place => ({ at, word: { id } });
const externalId = place('externalId', 'externalId');
const device = place('deviceId', 'deviceId');
const meter = place('meterId', 'meterId');
const cursor = place('after', 'eventCursor');

const operationOf = (name: string, shape: Omit<Shape, 'name' | 'by'>): Operation => ({
  name,
  forbidden: 403,
  shapes: [{ name, by: ['key'], ...shape }],
});

export const bulkOperations: Operation[] = [
  operationOf('POST /import', {
    rules: [rules['user.import']],
    places: [externalId, device, meter],
    call: (send, credential, valueAt) =>
      send('/import', credential, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson' },
        body: JSON.stringify({
          externalId: valueAt(externalId),
          devicePermissions: [{ deviceId: valueAt(device) }],
          chargingPermissions: [{ meterId: valueAt(meter) }],
        }),
      }),
  }),
  operationOf('GET /export', {
    rules: [rules['user.export']],
    places: [externalId],
    call: (send, credential, valueAt) =>
      send(`/export?after=${encodeURIComponent(String(valueAt(externalId)))}`, credential),
  }),
  operationOf('GET /events', {
    rules: [rules['audit.list']],
    places: [cursor],
    call: (send, credential, valueAt) =>
      send(`/events?limit=1000&after=${valueAt(cursor)}`, credential),
  }),
];
