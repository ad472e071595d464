/** What a member made that goes on, in an answer about whoever leaves. */
import * as v from 'valibot';
import { described, id } from '../base/fields.ts';
import { MAX_MADE_MEMBERS, type Made } from '../domain/members/made.ts';
import { textType } from './serializers.ts';

const publicId = (of: string, example: string) => described(textType, `The ${of}’s id.`, example);

export const made = described(
  v.object({
    api_keys: described(
      v.array(
        v.object({
          id: publicId('key', 'aMep3OY3oZLWLQYr'),
          name: described(textType, 'Its name.', 'Backend'),
        }),
      ),
      'API keys that are valid.',
    ),
    webhooks: described(
      v.array(
        v.object({
          id: publicId('webhook', 'Gh7KJ0oATnnb3HvG'),
          url: described(textType, 'Where its events go.', 'https://hooks.example.com/latchkey'),
        }),
      ),
      'Webhooks that are enabled.',
    ),
    users: described(
      v.array(v.object({ id, name: v.nullable(textType) })),
      `Members who are not disabled: the first ${MAX_MADE_MEMBERS}.`,
    ),
  }),
  'What the user made as a member and what goes on. With `end_minted: 1` it ends.',
);

export const serializeMade = ({
  madeKeys,
  madeWebhooks,
  madeMembers,
}: Made): v.InferOutput<typeof made> => ({
  api_keys: madeKeys.map(({ id, name }) => ({ id, name })),
  webhooks: madeWebhooks.map(({ id, url }) => ({ id, url })),
  users: madeMembers.map(({ id, name }) => ({ id, name })),
});
