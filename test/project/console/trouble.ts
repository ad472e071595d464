/** Networks that fail, screens that throw, versions that change under somebody's feet. */
import { expect } from 'vitest';
import type { Group } from './group.ts';

/** Makes time limits pass at once, or as they are. */
const HURRY = `window.limit ??= AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = () => window.limit(100)`;
const CALM = 'AbortSignal.timeout = window.limit';

/** A page of people of whom one is nobody: the screen throws when it shows it. */
const BROKEN = {
  success: true,
  data: { users: [null], paging: { page: 1, pages: 1, total: 1 } },
};

export const trouble: Group = {
  async 'keeps what was typed, the rest of the page, and reloads for a new version once'({
    company,
    visitor,
  }) {
    const { addMember } = await company('trouble');
    const { id, email } = await addMember(1, 'Ada');
    const { page, context, open, signIn, screens, go, check, evaluate } = await visitor();
    const save = page.getByRole('button', { name: 'Save changes', exact: true });
    const name = page.getByLabel('Name', { exact: true });
    const isSaid = (text: RegExp) => page.getByRole('alert').filter({ hasText: text }).waitFor();
    await open(`/console/people/${id}`);
    await signIn(email);
    await name.fill('Ada Byron');

    await context.setOffline(true);
    await save.click();
    await isSaid(/No answer came\. Check your connection/);
    await check();
    await context.setOffline(false);
    await page.route(`**/console/api/user/${id}`, () => {});
    await evaluate(HURRY);
    await save.click();
    await isSaid(/No answer came within 60 seconds\. It may be done all the same/);
    await evaluate(CALM);
    await page.unrouteAll();
    expect(await name.inputValue()).toBe('Ada Byron');
    await save.click();
    await page.getByRole('heading', { name: 'Ada Byron' }).waitFor();
    await check();

    await page.route('**/console/api/user?*', (route) => route.fulfill({ json: BROKEN }));
    await go('People');
    await isSaid(/The console has made an error here/);
    expect(await screens()).toContain('My account');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('1 of 1').waitFor();

    // The page that the server has now names another script, and this version's files are gone.
    await page.route('**/console/assets/devices-*.js', (route) => route.fulfill({ status: 404 }));
    await page.route('**/console', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/main-\w+\.js/, 'main-NEWER.js');
      return route.fulfill({ response, body });
    });
    const reloaded = page.waitForEvent('load');
    await go('Devices');
    await reloaded;
    await isSaid(/This screen could not be fetched/);
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Your company has no devices yet.').waitFor();
  },
};
