/**
 * Journeys through the console in a real browser, with a phone and at a desk, light and dark, by
 * accessible names alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_SCOPES } from '../../console/screens/api-keys/scopes.ts';
import { readList } from '../../console/screens/inventory/lines.ts';
import { SCOPES } from '../../src/domain/entities/key.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { account } from './console/account.ts';
import { activity } from './console/activity.ts';
import { companies } from './console/companies.ts';
import { customers } from './console/customers.ts';
import { doors } from './console/doors.ts';
import { factors } from './console/factors.ts';
import { type Group, travel } from './console/group.ts';
import { inventory } from './console/inventory.ts';
import { nothing } from './console/nothing.ts';
import { passkeys } from './console/passkeys.ts';
import { people } from './console/people.ts';
import { programs } from './console/programs.ts';
import { proof } from './console/proof.ts';
import { shipping } from './console/shipping.ts';
import { stations } from './console/stations.ts';
import { tabs } from './console/tabs.ts';
import { trouble } from './console/trouble.ts';
import { CROSSED_LOOKS, LOOKS, type Look } from './console/visitor.ts';
import { changeFile, copyInto, hashQuickly } from './copy.ts';
import { type LocalServer, startServer } from './server.ts';

const groups: Record<string, Group> = {
  // First, before there are companies.
  nothing,
  doors,
  people,
  stations,
  customers,
  programs,
  proof,
  activity,
  account,
  factors,
  passkeys,
  companies,
  inventory,
  shipping,
  trouble,
  tabs,
};

/**
 * Whether each journey is made with both looks, and with one of the crossed ones, which takes three
 * times as long: `npm run journeys`.
 */
const isThorough = process.env.JOURNEYS === 'all';
const looks: readonly Look[] = isThorough ? [...LOOKS, ...CROSSED_LOOKS] : LOOKS;

/** Whether looks take turns: each has every second journey. */
const takesTurns = (look: Look): boolean => !isThorough || looks.indexOf(look) >= LOOKS.length;

/** The journeys of a look. */
const journeysWith = (look: Look): [title: string, Group[string]][] =>
  Object.entries(groups)
    .flatMap(([name, group]) =>
      Object.entries(group).map(([title, one]): [string, Group[string]] => [
        `${name} ${title}`,
        one,
      ]),
    )
    .filter(
      (_, at) => !takesTurns(look) || at % LOOKS.length === looks.indexOf(look) % LOOKS.length,
    );

/**
 * Of their own: so many sign in that others on it would be limited. It hashes quickly, since none
 * of this is about hashes.
 */
let server: LocalServer;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
let browser: Browser;

describe.skipIf(!chromiumPath)('the console', () => {
  beforeAll(async () => {
    const copy = copyInto(folder);
    hashQuickly(copy);
    // Nobody clicks as quickly as a journey, or signs in as often as all of them.
    changeFile(join(copy, 'wrangler.toml'), (config) => {
      const tries = /(name = "TRIES_BY_ADDRESS"\nnamespace_id = "\d+"\nsimple = \{ limit =) 60,/;
      expect(config).toMatch(tries);
      const units = '\n[vars]\nTENANT_UNITS_PER_SECOND = "10000"\n';
      return config.replace(tries, '$1 6000,') + units;
    });
    [server, browser] = await Promise.all([startServer(copy), openBrowser()]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), server?.stop()]);
    rmSync(folder, { recursive: true });
  });

  describe.each(looks)('at $name', (look) => {
    it.each(journeysWith(look))('%s', (_, journey) => travel([server, browser, look], journey));
  });
});

it('keys can be given each scope that there is', () => {
  expect(ALL_SCOPES.toSorted()).toEqual(SCOPES.toSorted());
});

describe('a list of devices', () => {
  /** The devices with their meters, and the lines at fault. */
  const read = (text: string) => {
    const { lines, ignored } = readList(text);
    const good = lines.filter(({ fault }) => fault === null);
    return {
      devices: good.map(({ deviceId, meterId }) => `${deviceId} ${meterId ?? '-'}`),
      faults: lines.flatMap(({ line, fault }) => (fault === null ? [] : `${line}: ${fault}`)),
      ignored,
    };
  };
  const both = { devices: ['AAAA0001 M1', 'AAAA0002 -'], faults: [], ignored: [] };

  it.each([
    ['without a header', 'AAAA0001,M1\nAAAA0002'],
    ['with semicolons, CRLF and a byte order mark', '\uFEFFAAAA0001;M1\r\nAAAA0002;\r\n'],
    ['with tabs, as spreadsheets copy it', 'AAAA0001\tM1\nAAAA0002\t\n'],
    ['with a header in another order', 'Meter-ID, "Device ID"\nM1,AAAA0001\n,AAAA0002'],
    ['as Excel tells its separator', 'sep=;\r\nDEVICEID;METERID\r\nAAAA0001;M1\r\nAAAA0002'],
    ['with quotes, blanks and empty lines', '\n "AAAA0001" , "M1" \r\r\n,\n"AAAA0002",""'],
  ])('is read %s', (_, text) => expect(read(text)).toEqual(both));

  it('tells each line at fault, and loses no other', () => {
    const text = 'AAAA0001,"a ""b"", c"\nAAAA0003,"M"3\nAAAA0001,M4\nAAAA0005,"1\n2"\n';
    expect(read(`${text}AAAA0006,M6,x\nAAAA0007,M7\n"AAAA0008,M8\nAAAA0009`)).toEqual({
      devices: ['AAAA0001 a "b", c', 'AAAA0005 1\n2', 'AAAA0007 M7', 'AAAA0009 -'],
      faults: [
        expect.stringMatching(/^2: There is text behind a quote/),
        expect.stringMatching(/^3: This deviceId is already in line 1\./),
        expect.stringMatching(/^6: There are more than two cells here/),
        expect.stringMatching(/^8: A quote begins here that does not end/),
      ],
      ignored: [],
    });
  });

  it('names the columns that are not read', () => {
    expect(read('device,colour,meter\nAAAA0001,red,M1').ignored).toEqual(['colour']);
  });
});
