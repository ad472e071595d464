/** Two tabs of one browser, which share the cookie. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { PASSWORD } from './company.ts';
import type { Group } from './group.ts';

async function signOut(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Latchkey', exact: true }).waitFor();
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'My account', exact: true }).waitFor();
}

export const tabs: Group = {
  async 'show nobody what is another’s when one signs out, or in as somebody else'({
    company,
    visitor,
  }) {
    const { addMember } = await company('tabs');
    const [ada, bob] = [await addMember(1, 'Ada'), await addMember(2, 'Bob')];
    const { page, context, open, signIn: enter, screens, check } = await visitor();
    await open(`/console/people/${bob.id}`);
    await enter(ada.email);
    const name = page.getByLabel('Name', { exact: true });
    await name.fill('Robert');
    const other = await context.newPage();
    await other.goto(page.url().replace(/people.*/, 'account'));
    await signOut(other);
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    await check();

    // The same person finds what was being written.
    await signIn(other, ada.email);
    await dialog.waitFor({ state: 'detached' });
    expect(await name.inputValue()).toBe('Robert');

    // A tab that sleeps asks and hears nothing. It is told at its next call, which is not made.
    await page.reload({ waitUntil: 'networkidle' });
    await name.fill('Robert');
    await other.evaluate(() => {
      BroadcastChannel.prototype.postMessage = () => {};
    });
    const changes: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PATCH') changes.push(request.url());
    });
    await signOut(other);
    await signIn(other, bob.email);
    expect(await name.inputValue()).toBe('Robert');
    await page.getByRole('button', { name: 'Save changes', exact: true }).click();
    await page.getByText(/You are signed in as .*Bob.* now/).waitFor();
    await page.getByText('You', { exact: true }).waitFor();
    expect(await name.inputValue()).toBe('Bob');
    expect(await screens()).not.toContain('API keys');
    expect(changes).toEqual([]);
    await check();
  },
};
