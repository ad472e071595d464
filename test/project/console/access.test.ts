/**
 * Customers, devices, orders, keys and webhooks in a real browser, by the names that people see:
 * each action once, and each refusal.
 */
import { createServer, type Server as Receiver } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser } from '../browser.ts';
import type { Server } from '../server.ts';
import { sharedServer } from '../shared.ts';
import { type Company, newCompany } from './people.ts';
import { type Visit, visit } from './visit.ts';

const HOSTILE = '"><script>alert(1)</script>‮..';

let server: Server;
let browser: Browser;
let company: Company;

const letters = () => Math.random().toString(36).slice(2, 6).toUpperCase().padEnd(4, 'X');
const [reader, charger] = [`RD${letters()}01`, `RD${letters()}02`];
const meter = `METER-${letters()}`;

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = (page: Page) => page.getByRole('dialog');
const inDialog = (page: Page, name: string) =>
  dialog(page).getByRole('button', { name, exact: true });
/** The field's error: it comes with the answer, and goes when the form is sent again. */
const refused = (page: Page, field: string) =>
  dialog(page).locator(`[name=${field}] ~ .error`).waitFor();
const said = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor();

beforeAll(async () => {
  if (!chromiumPath) return;
  server = await sharedServer();
  browser = await openBrowser();
  company = await newCompany(server, 'Nordlicht');
  await company.assign([{ deviceId: reader, meterId: meter }, { deviceId: charger }]);
}, 120_000);

afterAll(() => browser?.close());

/** What a support agent does from a call about an empty app to a removed customer. */
describe.skipIf(!chromiumPath).each([
  { level: 2, width: 390, colorScheme: 'dark' },
  { level: 1, width: 1440, colorScheme: 'light' },
] as const)('level $level at $width pixels', ({ level, ...look }) => {
  let agent: Visit;
  let page: Page;
  const customer = `customer-${look.width}`;

  beforeAll(async () => {
    agent = await visit(browser, server, await company.addMember(level, 'Sam Support'), look);
    ({ page } = agent);
  });

  it('adds a customer, and sees why the app shows no meter', async () => {
    await agent.go('Customers');
    await button(page, 'Add customer').click();
    await inDialog(page, 'Add customer').click();
    await refused(page, 'externalId');
    await agent.expectFine();
    await dialog(page).getByLabel('Customer ID').fill(customer);
    await inDialog(page, 'Add customer').click();
    await heading(page, 'The app shows no meter');
    await said(page, 'The customer has no device');
    await agent.expectFine();
  });

  it('checks access, grants it with an end, and withdraws it', async () => {
    const check = page.getByRole('form', { name: 'Check access' });
    const ask = async (device: string) => {
      await check.getByLabel('Device or meter').fill(device);
      await check.getByRole('button', { name: 'Check access' }).click();
    };
    await ask('é');
    await said(page, 'Enter the eight letters and digits');
    await ask('OTHER001');
    await said(page, 'Your company has no device and no meter');
    await ask(meter);
    await said(page, `the customer has none on device ${reader}`);

    await button(page, 'Grant').click();
    await dialog(page).getByLabel('Device or meter').fill('OTHER001');
    await inDialog(page, 'Grant').click();
    await said(page, 'Your company has no device and no meter with this number');
    await agent.expectFine();
    await dialog(page).getByLabel('Device or meter').fill(meter);
    await dialog(page).getByLabel('Ends').fill('2020-01-01T00:00');
    await inDialog(page, 'Grant').click();
    await refused(page, 'expiresAt');
    await dialog(page).getByLabel('Ends').fill('2099-01-01T12:00');
    await dialog(page).getByLabel('Control charging').check();
    await inDialog(page, 'Grant').click();
    await said(page, 'may see the readings of 1 device');
    await heading(page, 'The app shows meters once it is signed in');
    await ask(meter);
    await said(page, /Allowed.*which ends on 1 Jan 2099, 12:00/);

    await button(page, `Change end: See readings of ${reader}`).click();
    await dialog(page).getByLabel('Ends').fill('');
    await inDialog(page, 'Save end').click();
    await said(page, `The end is changed for ${reader}.`);
    await ask(reader);
    await said(page, /Allowed.*without an end/);
    await button(page, `Withdraw: See readings of ${reader}`).click();
    await said(page, `“See readings” of ${reader} is withdrawn.`);
    await heading(page, 'The app shows no meter');
    await ask(reader);
    await said(page, /Somebody withdrew it on/);
    await button(page, `Withdraw: Control charging of ${reader}`).click();
    await said(page, 'The customer has no device');

    await button(page, 'Grant').click();
    await dialog(page).getByLabel('Device or meter').fill(charger);
    await dialog(page).getByLabel('See readings').uncheck();
    await inDialog(page, 'Grant').click();
    await said(page, 'Choose what the customer may do.');
    await dialog(page).getByLabel('Control charging').check();
    await inDialog(page, 'Grant').click();
    await said(page, 'may not see readings of any device');
    await ask(charger);
    await said(page, /only to control charging/);
    await agent.expectFine();
  });

  it('ends sessions, suspends and restores', async () => {
    const who = { externalUser: { externalId: customer } };
    for (const label of ['Phone', HOSTILE, 'Tablet']) {
      await company.graphql(
        'mutation ($input: AddUserSessionInput!) { addUserSession(input: $input) { success } }',
        { input: { userIdentifier: who, label } },
      );
    }
    await page.reload();
    await said(page, 'The app is signed in');
    const sessions = page.getByRole('table', { name: 'Sessions' });
    await sessions.getByRole('button', { name: 'End' }).first().click();
    await said(page, 'The session has ended.');
    await expect.poll(() => sessions.getByRole('row').count()).toBe(3);
    await button(page, 'End all sessions').click();
    await said(page, 'Not signed in anywhere.');
    await button(page, 'Suspend').click();
    await inDialog(page, 'Suspend').click();
    await said(page, 'The customer is suspended.');
    await agent.expectFine();
    await button(page, 'Unsuspend').click();
    await said(page, 'The customer is active.');
  });

  it('places an order and cancels it', async () => {
    const orderId = `order-${look.width}`;
    await button(page, 'Place order').click();
    await dialog(page).getByLabel('Order ID').fill('x'.repeat(65));
    await inDialog(page, 'Place order').click();
    await refused(page, 'orderId');
    await dialog(page).getByLabel('Order ID').fill(orderId);
    await inDialog(page, 'Place order').click();
    await said(page, 'is not there yet: placed');
    await agent.go('Orders');
    await page.getByLabel('Status').selectOption('Placed');
    await page.getByRole('link', { name: customer }).first().waitFor();
    await button(page, 'Place order').click();
    await dialog(page).getByLabel('Customer ID').fill('nobody');
    await inDialog(page, 'Place order').click();
    await said(page, 'There is no such user.');
    await inDialog(page, 'Cancel').click();
    await button(page, new RegExp(`^Cancel order .${orderId}`)).click();
    await agent.expectFine();
    await inDialog(page, 'Cancel order').click();
    await said(page, 'No order has this status.');
    await page.getByLabel('Status').selectOption('Cancelled');
    await page.getByRole('table').getByText(orderId).waitFor();
    await agent.expectFine();
  });

  it('finds a customer by a meter, and ends all access to the device', async () => {
    for (const externalId of [customer, HOSTILE, '..']) {
      await company.graphql(
        `mutation ($input: EnsureUserAccessInput!) { ensureUserAccess(input: $input) { success } }`,
        {
          input: {
            userIdentifier: { externalUser: { externalId } },
            deviceIdentifiers: [{ deviceId: charger }, { meterId: meter }],
          },
        },
      );
    }
    await agent.go('Customers');
    await page.getByLabel('Search customers').fill(meter);
    await heading(page, `Device ${reader}`);
    await page.getByRole('link', { name: '..', exact: true }).first().click();
    await page.getByRole('heading', { name: '..', exact: true, level: 1 }).waitFor();
    await page.goBack();
    await heading(page, `Device ${reader}`);
    await page.getByRole('link', { name: 'Open device' }).click();
    await button(page, new RegExp(`^Withdraw: See readings, .${customer}`)).click();
    await said(page, 'is withdrawn from');
    await agent.expectFine();
    await button(page, 'End all access').click();
    await inDialog(page, 'End all access').click();
    await said(page, 'This is something else. Type it as shown.');
    await dialog(page).getByLabel('To confirm').fill(reader);
    await inDialog(page, 'End all access').click();
    await said(page, 'Nobody has access to this device.');
    await agent.go('Devices');
    await page.getByLabel('Search devices').fill('OTHER001');
    await said(page, 'No device fits this search.');
    await page.getByLabel('Search devices').fill(charger);
    await said(page, '3 customers');
    await agent.expectFine();
  });

  it('changes an ID to one that is free, and removes the customer', async () => {
    await agent.open(`/console/customers/one?${new URLSearchParams({ externalId: customer })}`);
    await button(page, 'Change ID').click();
    await dialog(page).getByLabel('New customer ID').fill('..');
    await inDialog(page, 'Change ID').click();
    await expect.poll(() => dialog(page).getByRole('alert').count()).toBe(1);
    await dialog(page).getByLabel('New customer ID').fill(`${customer} & more`);
    await inDialog(page, 'Change ID').click();
    await page.getByRole('heading', { name: `${customer} & more`, level: 1 }).waitFor();
    await button(page, 'Remove').click();
    await dialog(page).getByLabel('To confirm').fill(`${customer} & more`);
    await agent.expectFine();
    await inDialog(page, 'Remove').click();
    await page.getByRole('heading', { name: 'Customers', level: 1 }).waitFor();
    await page.goBack();
    await agent.open(`/console/customers/one?${new URLSearchParams({ externalId: customer })}`);
    await heading(page, 'No such customer');
  });

  it('sees only the screens of the level', async () => {
    const links = await page.getByRole('link', { includeHidden: true }).allInnerTexts();
    for (const name of ['API keys', 'Webhooks']) {
      expect(links.some((link) => link.trim() === name)).toBe(level === 1);
    }
    if (level === 1) return;
    await agent.open('/console/api-keys');
    await heading(page, 'Not found');
  });
});

describe.skipIf(!chromiumPath)('level 1, with programs', () => {
  let admin: Visit;
  let page: Page;
  let receiver: Receiver;
  let status = 204;

  beforeAll(async () => {
    receiver = createServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((up) => receiver.listen(0, '127.0.0.1', up));
    const email = await company.addMember(1, 'Ada Admin');
    admin = await visit(browser, server, email, { width: 1440, colorScheme: 'dark' });
    ({ page } = admin);
  });

  afterAll(() => receiver?.close());

  const shown = (label: string) => dialog(page).getByLabel(label, { exact: true }).inputValue();

  it('adds a key, tries it, rotates it and removes it with everything it made', async () => {
    await admin.go('API keys');
    await button(page, 'Add key').click();
    await dialog(page).getByLabel('The key is for').selectOption('Choose one by one');
    await inDialog(page, 'Add key').click();
    await said(page, 'Choose at least one thing that the key may do.');
    await dialog(page).getByLabel('Manage API keys').check();
    await dialog(page).getByLabel('Read orders').check();
    await inDialog(page, 'Add key').click();
    await refused(page, 'name');
    await dialog(page).getByLabel('Name').fill(HOSTILE);
    await dialog(page).getByLabel('Expires').selectOption('In 30 days');
    await inDialog(page, 'Add key').click();
    const key = await shown('Key');
    const command = await shown('Command');
    expect(command).toContain(`KEY=${key}\n`);
    await admin.expectFine();
    await page.keyboard.press('Escape');
    await inDialog(page, 'Done').click();

    const asked = { query: '{ caller { kind scopes } }' };
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify(asked),
    });
    expect(await answer.json()).toMatchObject({
      data: { caller: { kind: 'API_KEY', scopes: ['orders:read', 'keys:write'] } },
    });
    const row = page.getByRole('row').filter({ hasText: 'Ada Admin' });
    await row.getByRole('button', { name: /^Rotate/ }).click();
    await dialog(page).getByLabel('The old key works').selectOption('No longer: it stops at once');
    await inDialog(page, 'Rotate').click();
    expect(await shown('Key')).not.toBe(key);
    await inDialog(page, 'Done').click();
    await row.getByRole('button', { name: /^Remove/ }).click();
    await dialog(page).getByLabel('To confirm').fill(HOSTILE);
    await dialog(page).getByLabel('… and everything it made').check();
    await admin.expectFine();
    await inDialog(page, 'Remove').click();
    await said(page, 'Ended with it: 0 keys, 0 sessions, 0 webhooks, and 0 people.');
  });

  it('adds a webhook, tests, changes, rotates, replays, disables and removes it', async () => {
    await admin.go('Webhooks');
    await said(page, 'Nothing is sent anywhere yet.');
    await button(page, 'Add webhook').click();
    await dialog(page).getByLabel('Address').fill('ftp://example.com');
    await inDialog(page, 'Add webhook').click();
    await refused(page, 'url');
    const { port } = receiver.address() as AddressInfo;
    await dialog(page).getByLabel('Address').fill(`http://127.0.0.1:${port}/`);
    await dialog(page).getByLabel('Description').fill('Billing');
    await dialog(page).getByLabel('Send').selectOption('Some events');
    await inDialog(page, 'Add webhook').click();
    await said(page, 'Choose what to send');
    await dialog(page).getByLabel('Orders').check();
    await dialog(page).getByLabel('Single events').fill('nothing.like.this');
    await inDialog(page, 'Add webhook').click();
    await refused(page, 'types');
    await dialog(page).getByLabel('Single events').fill('session.expire');
    await inDialog(page, 'Add webhook').click();
    expect(await shown('Secret')).toMatch(/^whsec_/);
    await inDialog(page, 'Done').click();

    await page.getByRole('link', { name: 'Billing' }).click();
    await said(page, 'Orders, session.expire');
    await button(page, 'Test').click();
    await said(page, /The test arrived. Your receiver answered 204/);
    status = 500;
    await button(page, 'Test').click();
    await said(page, /The test failed. Your receiver answered 500/);
    await said(page, 'Answer 500');
    await admin.expectFine();
    await button(page, 'Change').click();
    await dialog(page).getByLabel('Send').selectOption('All events');
    await inDialog(page, 'Save changes').click();
    await said(page, 'All events');
    await button(page, 'Rotate').click();
    await inDialog(page, 'Rotate').click();
    expect(await shown('Secret')).toMatch(/^whsec_/);
    await inDialog(page, 'Done').click();
    await button(page, 'Disable').click();
    await inDialog(page, 'Disable').click();
    await said(page, 'The webhook is disabled.');
    await button(page, 'Enable').click();
    await said(page, 'The webhook goes on where it stopped.');
    await button(page, 'Replay').click();
    await dialog(page).getByLabel('Send').selectOption('What came after a place in the feed');
    await dialog(page).getByLabel('Place').fill('nowhere');
    await inDialog(page, 'Replay').click();
    await refused(page, 'after');
    await dialog(page).getByLabel('Send').selectOption('All events that are still kept');
    await inDialog(page, 'Replay').click();
    await said(page, 'Events are on their way again.');
    await button(page, 'Remove').click();
    await inDialog(page, 'Remove').click();
    await said(page, 'Nothing is sent anywhere yet.');
    await admin.expectFine();
  });
});
