/** What a call gives of a webhook. */
import * as v from 'valibot';
import { nameText, text } from '../../base/text.ts';
import { readWebhookUrl, type WebhookUrlRules } from '../../base/webhook-url.ts';
import { nounOf } from '../../db/events.ts';
import { typeList } from '../audit/types.ts';

/**
 * In an order of their own, so that the same types are the same text. Each action is named once:
 * `order.add` beside `order.*` is left out.
 */
const types = v.pipe(
  typeList,
  v.transform((names) => {
    const named = new Set(names);
    const ofNoun = (name: string): string => `${nounOf(name)}.*`;
    return [...named].filter((name) => name === ofNoun(name) || !named.has(ofNoun(name))).sort();
  }),
);

/** A URL, as it is called. */
const url = (rules: WebhookUrlRules) =>
  v.pipe(
    v.string('Must be a text.'),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const read = readWebhookUrl(dataset.value, rules);
      if ('url' in read) return read.url;
      addIssue({ message: read.fault });
      return NEVER;
    }),
  );

const description = nameText(500);

export const webhookId = text(64);

/** The schema of a new webhook. It refuses a URL that breaks the rules. */
export const newWebhook = (rules: WebhookUrlRules) =>
  v.object({
    url: url(rules),
    types: v.nullish(types, () => []),
    description: v.nullish(description),
  });

/** Left out: as it was. Null: likewise, but for a description, which null takes away. */
export const changedWebhook = (rules: WebhookUrlRules) =>
  v.object({
    id: webhookId,
    url: v.nullish(url(rules)),
    types: v.nullish(types),
    description: v.nullish(description),
    enabled: v.nullish(v.boolean()),
  });
