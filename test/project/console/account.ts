/** One's own account. */
import { expect } from 'vitest';
import { PASSWORD } from './company.ts';
import type { Group } from './group.ts';

const NEW_PASSWORD = 'a door that nobody painted';

export const account: Group = {
  async 'is changed by its owner: data, password, sessions'({ company, visitor }) {
    const { email } = await (await company('account')).addMember(4, 'Di');
    const [phone, desk] = [await visitor(), await visitor()];
    await phone.open('/console/account');
    await phone.signIn(email);
    await desk.open('/console/account');
    await desk.signIn(email);
    const { page, check } = desk;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await page.getByText('This one').waitFor();
    await check();
    await page.getByLabel('Name', { exact: true }).fill('Diana');
    await page.getByLabel('By a call').check();
    await button('Save changes').click();
    await page.getByText('Alarms by voice need a number').waitFor();
    await page.getByLabel('Phone').fill('+44 20 7946 0958');
    await button('Save changes').click();
    await page.getByText('Your data is changed.').waitFor();
    await page.reload();
    await page.getByText('This one').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Diana');

    await expect.poll(() => button('End').count()).toBe(2);
    await page.getByRole('row').filter({ hasNotText: 'This one' }).getByRole('button').click();
    await expect.poll(() => button('End').count()).toBe(1);
    await phone.page.getByRole('button', { name: 'Save changes' }).waitFor();
    await phone.page.getByLabel('Name', { exact: true }).fill('Dora');
    await phone.page.getByRole('button', { name: 'Save changes' }).click();
    await phone.page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();

    await page.getByLabel('Current password').fill('not this one');
    await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
    await page.getByLabel('New password again').fill(NEW_PASSWORD);
    await button('Change password').click();
    await page.getByText('This is not your current password.').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await button('Change password').click();
    await page.getByText('Your password is changed.').waitFor();
    await check();
    await button('Sign out everywhere').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await desk.signIn(email, NEW_PASSWORD);
    await button('Save changes').waitFor();
    await check();
  },
};
