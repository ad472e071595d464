/** The orders that the operator ships. */
import { expect } from 'vitest';
import type { Group } from './group.ts';
import { call, enter, freshIds, freshName, newCompany } from './operator.ts';

export const shipping: Group = {
  async 'moves orders on, with the device and a link that is one'({ server, visitor }) {
    const name = freshName('Orders');
    const { id, key } = await newCompany(server, name);
    const [device = ''] = freshIds(1);
    const user = 'userIdentifier: { externalUser: { externalId: "one" } }';
    await call(
      server,
      `mutation { addDevices(input: { devices: [{ deviceId: "${device}" }] }) {
      success } }`,
    );
    await call(
      { ...server, operatorKey: key },
      `mutation { addUser(input: { ${user} }) { success }
        a: addOrder(input: { ${user}, orderId: "first" }) { success }
        b: addOrder(input: { ${user}, orderId: "<i>second</i>" }) { success } }`,
    );
    const person = await visitor();
    const { page, open, check } = person;
    const dialog = page.getByRole('dialog');
    const move = (order: string) =>
      page.getByRole('button', { name: `Move on ${order}`, exact: true }).click();
    const send = (name: string) => dialog.getByRole('button', { name, exact: true }).click();
    const tab = (status: string) =>
      page
        .getByRole('navigation', { name: 'Status' })
        .getByRole('link', { name: status, exact: true })
        .click();
    await enter(person, server, `/console/companies/${id}`);
    await page.getByRole('link', { name: 'Its orders' }).click();
    await page.getByText(`Only orders of ${name}`).waitFor();
    await page.getByText('2 shown').waitFor();
    await check();
    await tab('Placed');
    await move('first');
    await send('Move on');
    await tab('Processing');
    await move('first');
    await send('Move on');
    await dialog.getByText('SHIPPED needs a link').waitFor();
    await check();
    await dialog.getByLabel('Device', { exact: true }).fill(device);
    await dialog.getByLabel('Tracking link').fill('javascript:alert(1)');
    await send('Move on');
    await dialog.getByText('Must be an http or https link').waitFor();
    expect(await dialog.getByLabel('Device', { exact: true }).inputValue()).toBe(device);
    await dialog.getByLabel('Tracking link').fill('https://parcels.example/1');
    await send('Move on');
    await tab('Shipped');
    const link = page.getByRole('link', { name: 'Follow the parcel' });
    expect(await link.getAttribute('href')).toBe('https://parcels.example/1');
    await check();
    await move('first');
    await dialog.getByLabel('New status').selectOption('Returned');
    await dialog.getByText('until you unassign it').waitFor();
    await send('Move on');
    await page.getByText('No order is shipped.').waitFor();

    await tab('Placed');
    await move('<i>second</i>');
    await dialog.getByLabel('New status').selectOption('Cancelled');
    await send('Cancel the order');
    await dialog.getByText('This is something else.').waitFor();
    await dialog.getByLabel('To confirm, type this:').fill('<i>second</i>');
    await send('Cancel the order');
    await page.getByText('No order is placed.').waitFor();
    await page.getByRole('button', { name: 'Show all companies' }).click();
    await page.getByText(`Only orders of ${name}`).waitFor({ state: 'detached' });
    await open('/console/shipping?status=PLACED&company=none');
    await page.getByRole('alert').waitFor();
  },
};
