/**
 * Journeys through the console in a real browser, with a phone and at a desk, light and dark, by
 * accessible names alone.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { chromiumPath, openBrowser } from './browser.ts';
import { account } from './console/account.ts';
import { activity } from './console/activity.ts';
import { companies } from './console/companies.ts';
import { doors } from './console/doors.ts';
import { type Group, travel } from './console/group.ts';
import { inventory } from './console/inventory.ts';
import { people } from './console/people.ts';
import { shipping } from './console/shipping.ts';
import { stations } from './console/stations.ts';
import { LOOKS } from './console/visitor.ts';
import type { Server } from './server.ts';
import { sharedServer } from './shared.ts';

const groups: Record<string, Group> = {
  doors,
  people,
  stations,
  activity,
  account,
  companies,
  inventory,
  shipping,
};

let server: Server;
let browser: Browser;

describe.skipIf(!chromiumPath)('the console', () => {
  beforeAll(async () => {
    [server, browser] = await Promise.all([sharedServer(), openBrowser()]);
  }, 120_000);
  afterAll(() => browser?.close());

  describe.each(LOOKS)('at $name', (look) => {
    describe.each(Object.entries(groups))('%s', (_, group) => {
      it.each(Object.entries(group))('%s', (_, journey) =>
        travel([server, browser, look], journey),
      );
    });
  });
});
