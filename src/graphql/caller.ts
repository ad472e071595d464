/** Who am I? */

import { boundsOf } from '../domain/callers/cap.ts';
import { SCOPES } from '../domain/entities/key.ts';
import type { Permit } from '../domain/permit.ts';
import { tenantById } from '../domain/tenants/tenants.ts';
import { builder, FOR_CACHES } from './builder.ts';
import { maxItems } from './cost.ts';
import { guarded } from './guarded.ts';
import { Intermediary } from './intermediary.ts';

export const CallerKind = builder.enumType('CallerKind', {
  description: 'The kind of a credential.',
  values: {
    OPERATOR: { description: 'The operator of this service.' },
    API_KEY: { description: 'An intermediary’s API key.' },
    MEMBER: { description: 'The session of a member of an intermediary’s company.' },
    END_USER: { description: 'The session of an intermediary’s end user.' },
    SUPPORT: {
      description: 'A support session, in which somebody acts for an end user.',
    },
    SYSTEM: { description: 'No credential: for audit events about what expired.' },
  } as const,
});

const Caller = builder.objectRef<Permit<'caller.read'>>('Caller').implement({
  description: 'Who you are, by your credential.',
  fields: (t) => ({
    id: t.id({
      description: FOR_CACHES,
      resolve: ({ actor }) => `caller.${actor.id ?? actor.kind}`,
    }),
    kind: t.field({
      type: CallerKind,
      description: 'The kind of your credential.',
      resolve: ({ actor }) => actor.kind,
    }),
    intermediary: guarded(t, {
      action: 'intermediary.tell',
      type: Intermediary,
      nullable: true,
      description: 'The intermediary that you act for. Null for the operator.',
      verb(permit, _, { caller }) {
        if (caller.kind === 'key') return { id: caller.tenantId, name: caller.tenantName };
        return caller.kind === 'member' ? tenantById(permit, caller.tenantId) : null;
      },
    }),
    level: t.int({
      nullable: true,
      description: 'The level of a member, from 1 (everything) to 4. Null for others.',
      resolve: ({ caller }) => (caller.kind === 'member' ? caller.level : null),
    }),
    scopes: t.stringList({
      extensions: maxItems(SCOPES.length),
      description:
        'What your API key may do. Of a member: what the API key could do that the account, the ' +
        'password or the session comes from, which bounds the level. Empty for others.',
      resolve: (permit) => [...(boundsOf(permit) ?? [])],
    }),
  }),
});

builder.queryField('caller', (t) =>
  guarded(t, {
    action: 'caller.read',
    type: Caller,
    description: 'Who am I? For API keys, members of levels 1 and 2, and the operator.',
    verb: (permit) => permit,
  }),
);
