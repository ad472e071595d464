/** Each screen of a company and a service that have nothing yet: it says what to do next. */
import { expect } from 'vitest';
import type { Level } from './company.ts';
import type { Group, Journey } from './group.ts';
import { enter } from './operator.ts';
import { LOOKS, type Visitor } from './visitor.ts';

/** What each screen says, in the order of the navigation. */
const OF_LEVEL_1 = {
  People: 'You are the only one here.',
  Stations: 'Begin with a project',
  Customers: 'Add the first customer',
  Devices: 'They come with orders',
  Orders: 'Choose “Place order”',
  'API keys': 'Rotate',
  Webhooks: 'Choose “Add webhook”',
  Activity: 'Download NDJSON',
  Company: 'Require a second factor',
  'My account': 'This one',
};
const OF_LEVEL_2 = {
  ...{ People: 'Add person', Stations: OF_LEVEL_1.Stations, Customers: OF_LEVEL_1.Customers },
  ...{ Devices: OF_LEVEL_1.Devices, Orders: OF_LEVEL_1.Orders, 'My account': 'This one' },
};
const OF_OTHERS = {
  Stations: 'Ask a colleague of level 1 or 2 to assign you one.',
  'My account': 'This one',
};
const OF_OPERATOR = {
  Companies: 'You get its first API key to hand over.',
  Inventory: 'Add devices from a list',
  Shipping: 'Nothing waits for you here.',
  System: 'Database',
};

async function look({ page, screens, go, arrive, check }: Visitor, said: Record<string, string>) {
  expect(await screens()).toEqual(Object.keys(said));
  for (const [at, [name, text]] of Object.entries(said).entries()) {
    // The first is open already.
    if (at > 0) {
      await go(name);
      await arrive(name);
    }
    await page.getByText(text).first().waitFor();
    await expect.poll(() => page.getByText('Loading …').count()).toBe(0);
    await check();
  }
}

/** Somebody of the level, and what they see. */
async function lookAs(
  level: Level,
  said: Record<string, string>,
  { company, visitor }: Journey,
): Promise<Visitor> {
  const { addMember } = await company('nothing');
  const { email } = await addMember(level, 'Ada');
  const person = await visitor();
  await person.open('/console');
  await person.signIn(email);
  await look(person, said);
  return person;
}

export const nothing: Group = {
  async 'is there for the operator and level 1: each screen says what to do next'(journey) {
    const operator = await journey.visitor();
    await enter(operator, journey.server, '/console');
    // Later there are companies of other journeys.
    if (journey.look === LOOKS[0]) await look(operator, OF_OPERATOR);
    const { page, go, check } = await lookAs(1, OF_LEVEL_1, journey);
    await go('API keys');
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByLabel('To confirm').fill('first key');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Choose “Add key”').waitFor();
    await check();
  },

  async 'is there for levels 2 to 4, who have no links to what they may not open'(journey) {
    await lookAs(2, OF_LEVEL_2, journey);
    await lookAs(3, OF_OTHERS, journey);
    const { page, open, check } = await lookAs(4, OF_OTHERS, journey);
    const refusals = {
      'api-keys': 'It is for members of level 1. Ask one of them.',
      customers: 'It is for members of levels 1 to 2. Ask one of them.',
      system: 'It is for the operator of this service.',
      nowhere: 'The link is wrong.',
    };
    for (const [path, text] of Object.entries(refusals)) {
      await open(`/console/${path}`);
      await page.getByText(text).waitFor();
    }
    await check();
  },
};
