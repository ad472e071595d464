/** The people of a company. */
import { expect } from 'vitest';
import type { Group } from './group.ts';

const HOSTILE = '<script>alert(1)</script> "onerror=x \u202Egnp';

export const people: Group = {
  async 'are added, found, changed, disabled, enabled and removed'({ company, visitor }) {
    const { addMember } = await company('people');
    const { email } = await addMember(1, 'Ada');
    await addMember(4, HOSTILE);
    await addMember(4, '😀'.repeat(100));
    const { page, open, signIn, go, arrive, check } = await visitor();
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const dialog = page.getByRole('dialog');
    await open('/console');
    await signIn(email);
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    await check();

    await button('Add person').click();
    await check();
    await dialog.getByLabel('Name', { exact: true }).fill('Bob Marsh');
    await dialog.getByRole('button', { name: 'Add person' }).click();
    await dialog
      .getByLabel('E-mail', { exact: true })
      .and(page.locator('[aria-invalid]'))
      .waitFor();
    expect(await dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('Bob Marsh');
    await dialog.getByLabel('E-mail', { exact: true }).fill(`bob-${email}`);
    await dialog.getByLabel('Level', { exact: true }).selectOption('2');
    await dialog.getByRole('button', { name: 'Add person' }).click();
    expect(await dialog.getByLabel('Link', { exact: true }).inputValue()).toMatch(
      /^http:\/\/localhost:\d+\/console\/password#lk_rst_\w+$/,
    );
    await check();
    // A browser closes a dialog at a second Escape. This one is all there is of the link.
    for (const key of ['Escape', 'Escape', 'Escape']) await page.keyboard.press(key);
    await button('Done').waitFor();
    await button('Done').click();

    await page.getByLabel('Search people').fill('bob');
    await expect.poll(() => page.url()).toContain('search=bob');
    await page.reload();
    await page.getByText('1 of 1').waitFor();
    await page.getByRole('link', { name: 'Bob Marsh' }).click();
    await arrive('Bob Marsh');
    await check();
    await page.getByLabel('Name', { exact: true }).fill('Robert Marsh');
    await page.getByLabel('By SMS').check();
    await button('Save changes').click();
    await page.getByText('Alarms by SMS need a number').waitFor();
    await page.getByLabel('Number for SMS').fill('+44 20 7946 0958');
    await page.getByLabel('Time zone').selectOption('1');
    await button('Save changes').click();
    await page.getByRole('heading', { name: 'Robert Marsh' }).waitFor();

    await button('New link').click();
    await dialog.getByLabel('Link', { exact: true }).waitFor();
    await button('Done').click();
    await button('Disable').click();
    await check();
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await button('Enable').click();
    await button('Disable').waitFor();

    await button('Remove').click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('This is something else.').waitFor();
    await dialog.getByLabel('To confirm').fill(`bob-${email}`);
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await arrive('People');
    await go('People');
    await page.getByText('3 of 3').waitFor();
    expect(await page.getByRole('link', { name: 'Robert Marsh' }).count()).toBe(0);
    await check();
  },

  async 'sign in again over a form that keeps its input, when their session was ended'({
    company,
    visitor,
  }) {
    const { addMember } = await company('ended');
    const [ada, eve] = [await addMember(1, 'Ada'), await addMember(1, 'Eve')];
    const [first, second] = [await visitor(), await visitor()];
    await first.open(`/console/people/${ada.id}`);
    await first.signIn(ada.email);
    const name = first.page.getByLabel('Name', { exact: true });
    await name.fill('Ada Byron');

    await second.open(`/console/people/${ada.id}`);
    await second.signIn(eve.email);
    await second.page.getByRole('button', { name: 'End', exact: true }).click();
    await second.page.getByText('Not signed in anywhere.').waitFor();

    const save = first.page.getByRole('button', { name: 'Save changes' });
    await save.click();
    const dialog = first.page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    await first.check();
    await dialog.getByLabel('E-mail', { exact: true }).fill(ada.email);
    await dialog.getByLabel('Password', { exact: true }).fill('a lamp in the fourth window');
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await name.inputValue()).toBe('Ada Byron');
    await save.click();
    await first.page.getByRole('heading', { name: 'Ada Byron' }).waitFor();
    await first.check();
  },

  async 'are told when their level drops in the middle of a form'({ company, visitor }) {
    const { call, addMember } = await company('drops');
    const [ada, bob] = [await addMember(1, 'Ada'), await addMember(4, 'Bob')];
    const { page, open, signIn, screens } = await visitor();
    await addMember(1, 'Eve');
    await open(`/console/people/${bob.id}`);
    await signIn(ada.email);
    const name = page.getByLabel('Name', { exact: true });
    await name.fill('Robert');
    await call(`PATCH /user/${ada.id}`, { member_level_id: 4 });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('alert').waitFor();
    expect(await name.inputValue()).toBe('Robert');
    await expect.poll(screens).toEqual(['Stations', 'My account']);
    // A mangled link is no reason for an empty page.
    await open('/console/stations/%E0%A4%A');
    await page.getByText('This does not exist').waitFor();
  },
};
