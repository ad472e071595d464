/** Every path beside the two APIs, by its method, and every method of RPC. */
import type { EdgeOperation } from './operation.ts';

const SIGNED_OUT = { refused: 'who has signed out is nobody' };

export const edgeOperations: Record<string, EdgeOperation> = {
  'GET /verify': { by: ['session'], trips: 0, takes: 'question' },
  'GET /verify/:tenant': { by: ['session'], trips: 0, takes: 'question' },
  // Without the header it is refused before anything is looked at.
  'GET /verify/:tenant/a/path': {
    by: ['guest', 'session'],
    trips: 0,
    refused: true,
    ways: {
      'with X-Latchkey-Verify': {
        by: ['session'],
        headers: ({ tenantId }) => ({ 'X-Latchkey-Verify': tenantId }),
      },
    },
  },
  'POST /introspect': { by: ['key'], trips: 0, action: 'session.introspect', takes: 'token' },
  'POST /revoke': {
    by: ['key'],
    action: 'session.remove',
    takes: 'token',
    events: ['session.remove'],
    withdraws: true,
    ends: true,
    ways: {
      'by itself': {
        by: ['session'],
        again: SIGNED_OUT,
        events: ['session.removeOwn'],
        withdraws: true,
        waitsForSweep: true,
        ends: true,
      },
    },
  },
  'GET /session': { by: ['session'], trips: 0 },
  'DELETE /session': {
    by: ['session'],
    again: SIGNED_OUT,
    events: ['session.removeOwn'],
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },

  'POST /import': {
    by: ['key'],
    trips: 2,
    action: 'user.import',
    forbidden: 403,
    line: ({ externalId, deviceId, meterId }) => ({
      externalId,
      devicePermissions: [{ deviceId }],
      chargingPermissions: [{ meterId }],
    }),
    events: ['permission.add'],
    without: {
      model: 'a line is an answer: test/rest/bulk.test.ts',
      faults: 'the answer begins before the changes: test/rest/bulk.test.ts',
    },
  },
  'GET /export': {
    by: ['key'],
    action: 'user.export',
    forbidden: 403,
    query: ({ externalId }) => ({ after: externalId }),
    events: ['user.export'],
    without: {
      model: 'it changes nothing but the trail: test/rest/bulk.test.ts',
      faults: 'an answer that breaks off is no status: test/rest/bulk.test.ts',
      scale: 'a page is a thousand users: test/scale/bulk-calls.ts',
    },
  },

  'GET /events': {
    by: ['key'],
    action: 'audit.list',
    forbidden: 403,
    query: ({ eventCursor }) => ({ limit: '1000', after: eventCursor }),
  },

  // The same server as that of `POST /graphql`, where all the operations of GraphQL are called.
  'POST /': { by: ['key'], action: 'caller.read', takes: 'document', forbidden: 403 },
  'POST /graphql': {
    by: ['key'],
    action: 'caller.read',
    takes: 'document',
    forbidden: 403,
    ways: { 'with a slash at the end': { path: '/graphql/' } },
  },
  'GET /graphql': {
    by: ['key'],
    action: 'caller.read',
    takes: 'document',
    forbidden: 403,
    ways: { 'with a slash at the end': { path: '/graphql/' } },
  },

  'GET /': { by: ['guest'] },
  'GET /health': { by: ['guest'] },
  'GET /schema.graphql': { by: ['guest'] },
  'GET /openapi.json': { by: ['guest'] },
  'GET /docs': { by: ['guest'] },
  'GET /docs/*': { by: ['guest'], refused: true },
  'GET /.well-known/oauth-authorization-server': { by: ['guest'] },
};

/** What a method of `TokenAuthority` is asked. */
export const rpcOperations: Record<string, Pick<EdgeOperation, 'takes'>> = {
  verify: { takes: 'question' },
  introspect: {},
};
