/** The companies, and how the service is, as the operator sees them. */
import { expect } from 'vitest';
import type { Group } from './group.ts';
import { enter, freshName } from './operator.ts';

export const companies: Group = {
  async 'adds, limits, renames and removes a company'({ server, visitor }) {
    const person = await visitor();
    const { page, screens, go, arrive, check } = person;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const dialog = page.getByRole('dialog');
    const field = (name: string) => dialog.getByLabel(name, { exact: true });
    const send = (name: string) => dialog.getByRole('button', { name, exact: true }).click();
    await enter(person, server, '/console');
    await page.getByRole('heading', { level: 1, name: 'Companies' }).waitFor();
    expect(await screens()).toEqual(['Companies', 'Inventory', 'Shipping', 'System']);
    await check();

    const name = freshName('<b>Ærø</b> \u202Egnp');
    await button('Add company').click();
    await send('Add company');
    await field('Name').and(page.locator('[aria-invalid]')).waitFor();
    await check();
    await field('Name').fill(name);
    await send('Add company');
    expect(await field('API key').inputValue()).toMatch(/^lk_key_\w+$/);
    await page.keyboard.press('Escape');
    await check();
    await send('Done');
    await arrive(name);
    await check();

    await button('Change limits').click();
    await field('Customers').fill('many');
    await field('Devices').fill('7');
    await send('Save limits');
    await dialog.getByText('Must be a whole number').waitFor();
    expect(await field('Devices').inputValue()).toBe('7');
    await check();
    await field('Customers').fill('');
    await send('Save limits');
    await page.getByRole('meter', { name: 'Devices', exact: true }).waitFor();
    await page.getByText('0 of 7', { exact: true }).waitFor();

    await button('Rename').click();
    await field('Name').fill(' ');
    await send('Rename');
    await field('Name').and(page.locator('[aria-invalid]')).waitFor();
    const renamed = freshName('Zebra Energy');
    await field('Name').fill(renamed);
    await send('Rename');
    await page.getByRole('heading', { level: 1, name: renamed }).waitFor();
    await go('Companies');
    await page.getByLabel('Search companies').fill(renamed.toLowerCase());
    await page.getByRole('link', { name: renamed }).click();
    await arrive(renamed);

    await button('Remove').click();
    await send('Remove company');
    await dialog.getByText('This is something else.').waitFor();
    await check();
    await field('To confirm, type this:').fill(renamed);
    await send('Remove company');
    await page.getByRole('heading', { name: 'Removal' }).waitFor();
    await page.reload();
    await page.getByText('its devices are in stock').waitFor();
    expect(await button('Rename').count()).toBe(0);
    await check();
  },

  async 'sees how the service is'({ server, visitor }) {
    const person = await visitor();
    const { page, check } = person;
    await enter(person, server, '/console/system');
    for (const name of ['Health', 'Database', 'To publish', 'To deliver']) {
      await page.getByRole('heading', { name, exact: true }).waitFor();
    }
    await page.getByText('All calls are answered.').waitFor();
    await page.getByText(/^\d[\d.]* [kM]B$/).waitFor();
    await check();
    await page.getByRole('button', { name: 'Read again' }).click();
    await check();
  },
};
