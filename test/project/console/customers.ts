/** Customers and what they have: devices, sessions, orders. */
import { expect } from 'vitest';
import type { Group, Journey } from './group.ts';
import { HOSTILE, type Holder, holderWith } from './holder.ts';
import { namesOn } from './names.ts';
import type { Visitor } from './visitor.ts';

interface Agent extends Visitor {
  company: Holder;
  customer: string;
}

/** Adds a customer, and sees why the app shows no meter. */
async function add(agent: Agent): Promise<void> {
  const { page, customer } = agent;
  const { button, dialog, inDialog, refused, said, heading } = namesOn(page);
  await agent.go('Customers');
  await button('Add customer').click();
  await inDialog('Add customer').click();
  await refused('externalId');
  await agent.check();
  await dialog.getByLabel('Customer ID').fill(customer);
  await inDialog('Add customer').click();
  await heading('The app shows no meter');
  await said('The customer has no device');
  await agent.check();
}

/** Checks access, grants it with an end, and withdraws it. */
async function grant(agent: Agent): Promise<void> {
  const { page, company } = agent;
  const { button, dialog, inDialog, refused, said, heading } = namesOn(page);
  const check = page.getByRole('form', { name: 'Check access' });
  const ask = async (device: string) => {
    await check.getByLabel('Device or meter').fill(device);
    await check.getByRole('button', { name: 'Check access' }).click();
  };
  await ask('é');
  await said('Enter the eight letters and digits');
  await ask('OTHER001');
  await said('Your company has no device and no meter');
  await ask(company.meter);
  await said(`the customer has none on device ${company.reader}`);

  await button('Grant').click();
  await dialog.getByLabel('Device or meter').fill('OTHER001');
  await inDialog('Grant').click();
  await said('Your company has no device and no meter with this number');
  await agent.check();
  await dialog.getByLabel('Device or meter').fill(company.meter);
  await dialog.getByLabel('Ends').fill('2020-01-01T00:00');
  await inDialog('Grant').click();
  await refused('expiresAt');
  await dialog.getByLabel('Ends').fill('2099-01-01T12:00');
  await dialog.getByLabel('Control charging').check();
  await inDialog('Grant').click();
  await said('may see the readings of 1 device');
  await heading('The app shows meters once it is signed in');
  await ask(company.meter);
  await said(/Allowed.*which ends on Jan 1, 2099, 12:00/);

  await button(`Change end: See readings of ${company.reader}`).click();
  await dialog.getByLabel('Ends').fill('');
  await inDialog('Save end').click();
  await said(`The end is changed for ${company.reader}.`);
  await ask(company.reader);
  await said(/Allowed.*without an end/);
  await button(`Withdraw: See readings of ${company.reader}`).click();
  await said(`“See readings” of ${company.reader} is withdrawn.`);
  await heading('The app shows no meter');
  await ask(company.reader);
  await said(/Somebody withdrew it on/);
  await button(`Withdraw: Control charging of ${company.reader}`).click();
  await said('The customer has no device');

  await button('Grant').click();
  await dialog.getByLabel('Device or meter').fill(company.charger);
  await dialog.getByLabel('See readings').uncheck();
  await inDialog('Grant').click();
  await said('Choose what the customer may do.');
  await dialog.getByLabel('Control charging').check();
  await inDialog('Grant').click();
  await said('may not see readings of any device');
  await ask(company.charger);
  await said(/only to control charging/);
  await agent.check();
}

/** Ends sessions, suspends and restores. */
async function end(agent: Agent): Promise<void> {
  const { page, company, customer } = agent;
  const { button, inDialog, said } = namesOn(page);
  const who = { externalUser: { externalId: customer } };
  for (const label of ['Phone', HOSTILE, 'Tablet']) {
    await company.ask(
      'mutation ($input: AddUserSessionInput!) { addUserSession(input: $input) { success } }',
      { input: { userIdentifier: who, label } },
    );
  }
  await page.reload();
  await said('The app is signed in');
  const sessions = page.getByRole('table', { name: 'Sessions' });
  await sessions.getByRole('button', { name: 'End' }).first().click();
  await said('The session has ended.');
  await expect.poll(() => sessions.getByRole('row').count()).toBe(3);
  await button('End all sessions').click();
  await said('Not signed in anywhere.');
  await button('Suspend').click();
  await inDialog('Suspend').click();
  await said('The customer is suspended.');
  await agent.check();
  await button('Unsuspend').click();
  await said('The customer is active.');
}

/** Gets a token to see what the customer sees, finds the session in the list, and ends it. */
async function viewAs(agent: Agent): Promise<void> {
  const { page } = agent;
  const { button, dialog, inDialog, refused, said } = namesOn(page);
  await button('View as').click();
  await inDialog('Get token').click();
  await refused('reason');
  await agent.check();
  await dialog.getByLabel('Reason').fill(HOSTILE);
  await dialog.getByLabel('For', { exact: true }).selectOption('15 minutes');
  await inDialog('Get token').click();
  const token = dialog.getByLabel('Access token', { exact: true });
  expect(await token.inputValue()).toMatch(/^lk_ses_\w+$/);
  await agent.check();
  await button('Done').click();
  const session = page
    .getByRole('table', { name: 'Sessions' })
    .getByRole('row', { name: 'Sam Support' });
  await session.getByText(HOSTILE).waitFor();
  // The app is still signed in nowhere: this is not the customer.
  await said('The app is not signed in anywhere.');
  await agent.check();
  await session.getByRole('button', { name: 'End' }).click();
  await said('Not signed in anywhere.');
}

/** Places an order and cancels it. */
async function order(agent: Agent): Promise<void> {
  const { page, company, customer } = agent;
  const { button, dialog, inDialog, refused, said } = namesOn(page);
  const orderId = `order-${company.key.slice(-6)}`;
  await button('Place order').click();
  await dialog.getByLabel('Order ID').fill('x'.repeat(65));
  await inDialog('Place order').click();
  await refused('orderId');
  await dialog.getByLabel('Order ID').fill(orderId);
  await inDialog('Place order').click();
  await said('is not there yet: placed');
  await agent.go('Orders');
  await page.getByLabel('Status').selectOption('Placed');
  await page.getByRole('link', { name: customer }).first().waitFor();
  await button('Place order').click();
  await dialog.getByLabel('Customer ID').fill('nobody');
  await inDialog('Place order').click();
  await said('There is no such user.');
  await inDialog('Cancel').click();
  await button(new RegExp(`^Cancel order .${orderId}`)).click();
  await agent.check();
  await inDialog('Cancel order').click();
  await said('No order has this status.');
  await page.getByLabel('Status').selectOption('Cancelled');
  await page.getByRole('table').getByText(orderId).waitFor();
  await agent.check();
}

/** Finds customers by a meter, and ends all access to the device. */
async function findByMeter(agent: Agent): Promise<void> {
  const { page, company, customer } = agent;
  const { button, dialog, inDialog, said, heading } = namesOn(page);
  for (const externalId of [customer, HOSTILE, '..']) {
    await company.ask(
      `mutation ($input: EnsureUserAccessInput!) { ensureUserAccess(input: $input) { success } }`,
      {
        input: {
          userIdentifier: { externalUser: { externalId } },
          deviceIdentifiers: [{ deviceId: company.charger }, { meterId: company.meter }],
        },
      },
    );
  }
  await agent.go('Customers');
  await page.getByLabel('Search customers').fill(company.meter);
  await heading(`Device ${company.reader}`);
  await page.getByRole('link', { name: '..', exact: true }).first().click();
  await page.getByRole('heading', { name: '..', exact: true, level: 1 }).waitFor();
  await page.goBack();
  await heading(`Device ${company.reader}`);
  await page.getByRole('link', { name: 'Open device' }).click();
  await button(new RegExp(`^Withdraw: See readings, .${customer}`)).click();
  await said('is withdrawn from');
  await agent.check();
  await button('End all access').click();
  await inDialog('End all access').click();
  await said('This is something else. Type it as shown.');
  await dialog.getByLabel('To confirm').fill(company.reader);
  await inDialog('End all access').click();
  await said('Nobody has access to this device.');
  await agent.go('Devices');
  await page.getByLabel('Search devices').fill('OTHER001');
  await said('No device fits this search.');
  await page.getByLabel('Search devices').fill(company.charger);
  await said('3 customers');
  await page.getByLabel('Search devices').fill(company.charger.slice(0, 6));
  await page.getByRole('link', { name: company.reader }).waitFor();
  await agent.check();
}

/** Changes an ID to one that is free, and removes the customer. */
async function leave(agent: Agent): Promise<void> {
  const { page, customer } = agent;
  const { button, dialog, inDialog, heading } = namesOn(page);
  await agent.open(`/console/customers/one?${new URLSearchParams({ externalId: customer })}`);
  await button('Change ID').click();
  await dialog.getByLabel('New customer ID').fill('..');
  await inDialog('Change ID').click();
  await expect.poll(() => dialog.getByRole('alert').count()).toBe(1);
  await dialog.getByLabel('New customer ID').fill(`${customer} & more`);
  await inDialog('Change ID').click();
  await page.getByRole('heading', { name: `${customer} & more`, level: 1 }).waitFor();
  await button('Remove').click();
  await dialog.getByLabel('To confirm').fill(`${customer} & more`);
  await agent.check();
  await inDialog('Remove').click();
  await page.getByRole('heading', { name: 'Customers', level: 1 }).waitFor();
  await page.goBack();
  await agent.open(`/console/customers/one?${new URLSearchParams({ externalId: customer })}`);
  await heading('No such customer');
}

async function begin({ company, server, look, visitor }: Journey): Promise<Agent> {
  const holder = await holderWith(server, await company('customers'));
  const level = look.width === 390 ? 2 : 1;
  const { email } = await holder.addMember(level, 'Sam Support');
  const agent = await visitor();
  await agent.open('/console');
  await agent.signIn(email);
  return { ...agent, company: holder, customer: 'customer-1' };
}

export const customers: Group = {
  async 'are helped: with access, sessions and orders, until they leave'(journey) {
    const agent = await begin(journey);
    for (const step of [add, grant, end, viewAs, order, findByMeter, leave]) await step(agent);
  },

  async 'are for levels 1 and 2, keys and webhooks for level 1'({ company, visitor, look }) {
    const { addMember } = await company('levels');
    const level = look.width === 390 ? 2 : 3;
    const { email } = await addMember(level, 'Sam');
    const { page, open, signIn, screens } = await visitor();
    await open('/console/api-keys');
    await signIn(email);
    await page.getByText('It is for members of level 1. Ask one of them.').waitFor();
    const mine = ['People', 'Stations', 'Customers', 'Devices', 'Orders', 'My account'];
    expect(await screens()).toEqual(level === 2 ? mine : ['Stations', 'My account']);
  },
};
