/** The operation that docs/contributing.md adds: it is there while its test runs. */
import * as v from 'valibot';
import { removeSessions } from '../../src/domain/sessions/remove.ts';
import { type Route, route } from '../../src/rest/route.ts';
import type { RestOperation } from './operation.ts';

const tag = 'Users';

export const [added]: [Route] = [
  route({
    method: 'delete',
    path: '/user/:id/session',
    name: 'endSessions',
    tag,
    summary: 'Ends all sessions of a user.',
    action: 'session.removeAll',
    data: v.object({ session_ids: v.array(v.string()) }),
    async answer(permit, { id }) {
      const userIdentifier = { companyUser: { id: String(id) } };
      const { sessionIds } = await removeSessions(permit, { userIdentifier });
      return { session_ids: sessionIds };
    },
  }),
];

export const entries: Record<string, RestOperation> = {
  'DELETE /user/:id/session': {
    by: ['key'],
    about: 'member',
    withdraws: true,
    ends: true,
  },
};
