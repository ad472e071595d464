/** The users that audit events name: who did it, and whom it concerned. */
import type { AuditEvent } from '../domain/audit/list.ts';
import type { User as UserFact } from '../domain/entities/user.ts';
import { onceUserById } from '../domain/users/find.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { CallerKind } from './caller.ts';
import { guarded } from './guarded.ts';
import { User } from './user.ts';

/** Whether only the id of an object is asked for, which the event itself has. */
function isIdAlone(asked: Iterable<string>): boolean {
  for (const name of asked) if (name !== 'id' && name !== '__typename') return false;
  return true;
}

/** A field with a user of an event, even one that is removed since. */
export const onceUser = (
  t: FieldBuilder<AuditEvent>,
  description: string,
  idOf: (event: AuditEvent) => number | null,
) =>
  guarded(t, {
    action: (_, asked) => (asked && isIdAlone(asked) ? 'audit.list' : 'user.read'),
    type: User,
    nullable: true,
    description: `${description} Fields other than \`id\` need \`users:read\`.`,
    verb(permit, _, event) {
      const id = idOf(event);
      if (id === null) return null;
      return permit.action === 'audit.list' ? ({ id } as UserFact) : onceUserById(permit, id);
    },
  });

export const AuditActor = builder.objectRef<AuditEvent>('AuditActor').implement({
  description: 'Who did it.',
  fields: (t) => ({
    kind: t.expose('actorKind', { type: CallerKind, description: 'The kind of credential.' }),
    credentialId: t.exposeID('credentialId', {
      nullable: true,
      description: 'The public id of the API key or session; null for the operator.',
    }),
    user: onceUser(
      t,
      'The user of the session, even if removed since. Null for API keys and the operator.',
      ({ actorUserId }) => actorUserId,
    ),
  }),
});
