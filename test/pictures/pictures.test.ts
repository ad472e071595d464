/**
 * Takes the pictures of the documentation: the console with the data of `npm run demo`, in a real
 * browser. Each test checks the screen as the journeys do, then writes a file.
 */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { openBrowser } from '../project/browser.ts';
import { call, enter } from '../project/console/operator.ts';
import { type View, type Visitor, visit } from '../project/console/visitor.ts';
import { type LocalServer, startServer } from '../project/server.ts';
import { useCalendar } from './calendar.ts';

const DESK = { width: 1100, height: 760, colorScheme: 'light' } as const;
const DARK = { width: 1280, height: 560, colorScheme: 'dark' } as const;
const PHONE = { width: 390, height: 800, colorScheme: 'light' } as const;

let server: LocalServer;
let browser: Browser;
let began: number;
let ada: { email: string; password: string };

/** Fills the server as `npm run demo` does. */
function runDemo(): typeof ada {
  const counted = pathToFileURL('test/pictures/counted.js').href;
  const demo = ['--import', counted, 'scripts/demo.ts', '--url', server.url];
  const told = execFileSync(process.execPath, demo, { encoding: 'utf8' });
  const [, email = '', password = ''] = /A member +(\S+)\s+Password +(\S+)/.exec(told) ?? [];
  return { email, password };
}

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  began = Date.now();
  ada = runDemo();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function comeIn(view: View): Promise<Visitor> {
  const visitor = await visit(browser, server, { locale: 'en-GB', timezoneId: 'UTC', ...view });
  await useCalendar(visitor.context, began);
  return visitor;
}

/** Checks what is shown and writes it to docs/pictures/. */
async function take({ page, context, check, close }: Visitor, name: string): Promise<void> {
  await check();
  await page.mouse.move(0, 0);
  await page.screenshot({
    ...{ path: `docs/pictures/${name}.png`, animations: 'disabled', caret: 'hide' },
  });
  // What the page still asks for is not waited for.
  await context.unrouteAll({ behavior: 'ignoreErrors' });
  await close();
}

/** A member's screen. */
async function openAsMember(view: View, path: string): Promise<Visitor> {
  const visitor = await comeIn(view);
  await visitor.open(path);
  await visitor.signIn(ada.email, ada.password);
  return visitor;
}

it('Sign in', async () => {
  const visitor = await comeIn({ ...DESK, width: 720, height: 580 });
  await visitor.open('/console');
  await visitor.page.getByLabel('E-mail', { exact: true }).fill('ada@example.com');
  await visitor.page.getByLabel('Password', { exact: true }).fill('a lamp in the window');
  await take(visitor, 'sign-in');
});

it('Activity', async () => {
  const visitor = await openAsMember({ ...DESK, width: 1280 }, '/console/activity');
  await visitor.page.getByRole('row').nth(8).waitFor();
  await take(visitor, 'activity');
});

it('People', async () => {
  const visitor = await openAsMember({ ...DESK, height: 620 }, '/console/people');
  await visitor.page.getByText('of 5').waitFor();
  await take(visitor, 'people');
});

/** A customer whose permission was withdrawn, and the answer to why. */
async function checkAccess(view: View): Promise<Visitor> {
  const visitor = await openAsMember(view, '/console/customers/one?externalId=customer-1013');
  const { page } = visitor;
  const device = page.getByLabel('Device or meter', { exact: true });
  await device.fill('1LOG0065010012');
  await page.getByRole('button', { name: 'Check access' }).click();
  await page.getByText('Somebody withdrew it').waitFor();
  return visitor;
}

it('Check access', async () => {
  await take(await checkAccess({ ...DESK, height: 900 }), 'check-access');
});

it('Check access with a phone', async () => {
  const visitor = await checkAccess(PHONE);
  await visitor.page.getByRole('heading', { name: 'Check access' }).scrollIntoViewIfNeeded();
  await take(visitor, 'check-access-phone');
});

it('API keys', async () => {
  const visitor = await openAsMember(DARK, '/console/api-keys');
  await visitor.page.getByText('Billing').waitFor();
  await take(visitor, 'api-keys');
});

/** The secret is made by lot: here it is always the one of RFC 6238, appendix B. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

it('Second factor', async () => {
  const visitor = await openAsMember({ ...DESK, height: 620 }, '/console/account');
  const { page, context } = visitor;
  const issuer = 'Demo%20Energy';
  const uri = `otpauth://totp/${issuer}:ada%40example.com?secret=${SECRET}&issuer=${issuer}`;
  await context.route('**/console/factors/totp', (route) =>
    route.fulfill({ json: { errors: false, data: { secret: SECRET, uri } } }),
  );
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await page.locator('.qr[aria-busy=false]').waitFor();
  await page.getByRole('dialog').getByLabel('Code', { exact: true }).fill('287 082');
  await take(visitor, 'second-factor');
});

/** New, in stock, already assigned to another company, and misspelt. */
async function inventoryList(): Promise<string> {
  const { inventory } = await call<{ inventory: { nodes: { deviceId: string }[] } }>(
    server,
    '{ inventory(first: 1, assigned: false) { nodes { deviceId } } }',
  );
  const stock = inventory.nodes[0]?.deviceId ?? '';
  return [
    'device,meter',
    'READ0001,M-4101',
    'READ0002,M-4102',
    `${stock},M-4103`,
    'READ003,M-4104',
  ].join('\n');
}

it('Inventory', async () => {
  const visitor = await comeIn(DESK);
  const { page } = visitor;
  await enter(visitor, server, '/console/inventory/add');
  await page.getByLabel('Company', { exact: true }).fill('Demo');
  await page.getByRole('button', { name: /^Demo Energy/ }).click();
  await page.getByLabel('Devices', { exact: true }).fill(await inventoryList());
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('heading', { name: 'Preview' }).waitFor();
  await take(visitor, 'inventory');
});
