/** The operator's devices. */
import { expect } from 'vitest';
import type { Group } from './group.ts';
import { call, enter, freshIds, freshName, newCompany, rowsOf } from './operator.ts';

export const inventory: Group = {
  async 'adds devices from a list, sees before what happens, and corrects what is refused'({
    server,
    visitor,
  }) {
    const name = freshName('Lists');
    const other = await newCompany(server, freshName('Other'));
    await newCompany(server, name);
    const [first = '', second = '', third = '', stock = '', theirs = ''] = freshIds(5);
    await call(
      server,
      `mutation { a: addDevices(input: { devices: [{ deviceId: "${stock}" }] }) {
      success } b: addDevices(input: { intermediaryId: "${other.id}", devices: [
      { deviceId: "${theirs}" }] }) { success } }`,
    );
    const person = await visitor();
    const { page, arrive, check } = person;
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const list = page.getByLabel('Devices', { exact: true });
    const file = (text: string | Buffer) =>
      page.getByLabel('Choose a file').setInputFiles({
        ...{ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(text as string) },
      });
    await enter(person, server, '/console/inventory');
    await page.getByRole('link', { name: 'Add devices' }).click();
    await arrive('Add devices');
    await button('Preview').click();
    await page.getByText('Choose a company.').waitFor();
    await check();
    await page.getByLabel('Company', { exact: true }).fill(name);
    await button(new RegExp(`^${name}`)).click();
    await button('Preview').click();
    await page.getByText('Give at least one device.').first().waitFor();

    await list.fill('kept');
    await file(Buffer.from([0x41, 0xe4, 0x2c]));
    await page.getByText('This file is not UTF-8.').waitFor();
    expect(await list.inputValue()).toBe('kept');
    const lines = ['"Device ID";Meter', `${first};"M;1"`, `${second};M2`, 'wrong;M3', ''];
    lines.push(`${first};M4`, `${theirs};M5`, `"${third};M6`, `${stock};`);
    await file(`\uFEFF${lines.join('\r\n')}`);
    await button('Preview').click();
    await page.getByRole('heading', { name: 'Preview' }).waitFor();
    await page.getByText('Refused: 4').waitFor();
    await page.getByText('New: 2').waitFor();
    await page.getByText('From stock: 1').waitFor();
    const row = (text: string) => rowsOf(person).filter({ hasText: text });
    await row('wrong').getByText('Must be eight letters or digits').waitFor();
    await row('already in line 2').waitFor();
    await row(theirs).getByText('assigned to another intermediary').waitFor();
    await row('A quote begins here that does not end').waitFor();
    await check();

    await button(/^Add the other 3 devices/).click();
    await page.getByText('3 of 3 devices done.').waitFor();
    await check();
    await button('Correct the refused lines').click();
    expect(await list.inputValue()).toBe(
      ['"Device ID";Meter', 'wrong;M3', `${first};M4`, `${theirs};M5`, `"${third};M6`].join('\n'),
    );
    await list.fill(`${third}\tM6\n${first}\tM7\n${second}\tM2`);
    await button('Preview').click();
    await page.getByText('Gets another meter: 1').waitFor();
    await page.getByText('Already so: 1').waitFor();
    await button('Change the list').click();
    expect(await list.inputValue()).toContain('M7');
  },

  async 'adds a long list in batches, and goes on where one failed'({ server, visitor }) {
    const person = await visitor();
    const { page, context } = person;
    const ids = freshIds(90).flatMap((id) => 'ABCDEFG'.split('').map((one) => id.slice(1) + one));
    await enter(person, server, '/console/inventory/add');
    await page.getByLabel('Into stock').check();
    await page.getByLabel('Devices', { exact: true }).fill(ids.join('\n'));
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('heading', { name: 'Preview' }).waitFor();
    let calls = 0;
    await context.route('**/console/api/graphql', (route) =>
      ++calls === 2 ? route.fulfill({ status: 503, body: '{}' }) : route.continue(),
    );
    await page.getByRole('button', { name: 'Add 630 devices' }).click();
    await page.getByText('500 of 630 devices done.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('630 of 630 devices done.').waitFor();
    expect(calls).toBe(3);
    await page.getByText('100 of 630', { exact: true }).waitFor();
  },

  async 'finds, assigns and unassigns devices'({ server, visitor }) {
    const name = freshName('Assigned');
    await newCompany(server, name);
    const [device = '', more = ''] = freshIds(2);
    await call(
      server,
      `mutation { addDevices(input: {
      devices: [{ deviceId: "${device}" }, { deviceId: "${more}" }] }) { success } }`,
    );
    const person = await visitor();
    const { page, check } = person;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const dialog = page.getByRole('dialog');
    const choose = (id: string) => page.getByLabel(`Choose ${id}`).check();
    await enter(person, server, '/console/inventory');
    await page.getByLabel('Search devices').fill(device.slice(0, 6).toLowerCase());
    await page.getByText('2 shown').waitFor();
    await choose(device);
    await button('Assign').click();
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    await dialog.getByText('Choose a company.').last().waitFor();
    await check();
    await dialog.getByLabel('Company', { exact: true }).fill(name);
    await dialog.getByRole('button', { name }).click();
    await dialog.getByLabel('Meter', { exact: true }).fill('ä');
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    await dialog.getByText('printable ASCII').waitFor();
    await dialog.getByLabel('Meter', { exact: true }).fill('M1');
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
    await rowsOf(person).filter({ hasText: device }).getByRole('link', { name }).waitFor();
    await check();

    await choose(device);
    await choose(more);
    await page.getByText('Some are in stock and some are not').waitFor();
    await button('Choose none').click();
    await page.getByLabel('Which devices').selectOption('Assigned');
    await page.getByText('1 shown').waitFor();
    await page.reload();
    await page.getByText('1 shown').waitFor();
    await choose(device);
    await button('Unassign').click();
    await dialog.getByRole('button', { name: 'Unassign', exact: true }).click();
    await dialog.getByText('This is something else.').waitFor();
    await check();
    await dialog.getByLabel('To confirm, type this:').fill(device);
    await dialog.getByRole('button', { name: 'Unassign', exact: true }).click();
    await page.getByText('No device fits.').waitFor();
    await page.getByLabel('Which devices').selectOption('In stock');
    await page.getByText('2 shown').waitFor();
    await check();
  },
};
