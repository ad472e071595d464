/** Signing in and out, and passwords. */
import { expect } from 'vitest';
import type { Group } from './group.ts';

const NEW_PASSWORD = 'a door that nobody painted';

export const doors: Group = {
  async 'tell a wrong password in place, lead to where one was going, and out again'({
    company,
    visitor,
  }) {
    const { email } = await (await company('doors')).addMember(1, 'Ada');
    const { page, open, signIn, check } = await visitor();
    await open('/console/account');
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
    await check();
    await signIn(email, 'a wrong password');
    await page.getByText('There is no active user with this e-mail address').waitFor();
    await page.getByText('Something is not right yet: see the marked fields.').waitFor();
    expect(await page.getByLabel('E-mail', { exact: true }).inputValue()).toBe(email);
    await check();
    await signIn(email);
    await page.getByRole('heading', { name: 'My account', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'My account', exact: true }).waitFor();
    const menu = page.getByRole('button', { name: 'Menu', exact: true });
    if (await menu.isVisible()) await menu.click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await open('/console/account');
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await check();
  },

  async 'take a link for a password once, and keep its token from the address bar'({
    company,
    visitor,
  }) {
    const { call, addMember } = await company('links');
    const { id, email } = await addMember(4, 'Di');
    const path = `POST /user/${id}/password-reset`;
    const { reset_token } = await call<{ reset_token: string }>(path, {});
    const { page, open, signIn, screens, check } = await visitor();
    await open(`/console/password#${reset_token}`);
    await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
    expect(page.url()).toMatch(/\/console\/password$/);
    await page.getByLabel('New password again', { exact: true }).fill('something else');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('These are two different passwords.').waitFor();
    await check();
    await page.getByLabel('New password again', { exact: true }).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await signIn(email, NEW_PASSWORD);
    expect(await screens()).toEqual(['Stations', 'My account']);

    await open('/console/forgot');
    await open(`/console/password#${reset_token}`);
    await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
    await page.getByLabel('New password again', { exact: true }).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('This link no longer works').waitFor();
    await check();
  },

  async 'let the operator in with the operator key'({ server, visitor }) {
    const { page, open, arrive, check } = await visitor();
    await open('/console');
    await page.getByText('Sign in as operator').first().click();
    const key = page.getByLabel('Operator key', { exact: true });
    await key.fill('lk_op_wrong');
    await page.getByRole('button', { name: 'Sign in as operator' }).click();
    await page.getByText('This is not an operator key').waitFor();
    await check();
    await key.fill(server.operatorKey);
    await page.getByRole('button', { name: 'Sign in as operator' }).click();
    await arrive('Companies');
    await check();
  },

  async 'ask whom several companies know for one, and lead who forgot a password'({
    company,
    visitor,
  }) {
    const { email } = await (await company('first')).addMember(1, 'Ada');
    await (await company('second')).addMember(2, 'Ada', { email });
    const { page, open, signIn, check } = await visitor();
    await open('/console/forgot');
    await page.getByLabel('E-mail', { exact: true }).fill(email);
    const send = page.getByRole('button', { name: 'Send a link', exact: true });
    await send.click();
    await page.getByText('This service sends no mail. Ask a colleague').waitFor();
    expect(await page.getByLabel('E-mail', { exact: true }).inputValue()).toBe(email);
    // As a service with mail answers, whoever is asked for.
    await page.route('**/password-reset', (route) => route.fulfill({ status: 202, json: {} }));
    await send.click();
    await page.getByRole('heading', { name: 'Look into your inbox' }).waitFor();
    await page.getByRole('link', { name: 'Back to signing in' }).click();

    await signIn(email);
    await page.getByText('You are a member of several companies. Choose one.').waitFor();
    await check();
    await page.getByLabel('Company', { exact: true }).selectOption({ index: 1 });
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    await check();
  },
};
