/** Who made a key or a webhook, as a field of it. */
import { onceUserById } from '../domain/users/find.ts';
import { builder, type FieldBuilder } from './builder.ts';
import { guarded } from './guarded.ts';
import { User } from './user.ts';

interface Made {
  madeByKey: string | null;
  madeByUser: number | null;
}

const Maker = builder.objectRef<Made>('Maker').implement({
  description: 'Who made something.',
  fields: (t) => ({
    apiKeyId: t.exposeID('madeByKey', {
      nullable: true,
      description: 'The API key that did, or the first of its rotations. Null for members.',
    }),
    user: guarded(t, {
      action: 'user.read',
      type: User,
      nullable: true,
      description: 'The member who did, even if removed since. Needs `users:read`.',
      verb: (permit, _, { madeByUser: id }) => (id === null ? null : onceUserById(permit, id)),
    }),
  }),
});

export const madeBy = <Thing extends Made>(t: FieldBuilder<Thing>) =>
  t.field({
    type: Maker,
    nullable: true,
    description: 'Who made it: an API key or a member. Null: the operator.',
    resolve: (thing) => (thing.madeByKey === null && thing.madeByUser === null ? null : thing),
  });
