/** Second factors: a member's own, those that a company requires, and those of a colleague. */
import { expect } from 'vitest';
import { codeAt, stepAt } from '../../../src/base/totp.ts';
import { bytesIn } from '../../base32.ts';
import type { Group } from './group.ts';
import { namesOn } from './names.ts';
import type { Visitor } from './visitor.ts';

/** An authenticator app. Each code of it works once: its second one is that of the next step. */
function appWith(secret: string) {
  let last = 0;
  return () => {
    last = Math.max(last + 1, stepAt(Date.now()));
    return codeAt(bytesIn(secret.replaceAll(' ', '')), last);
  };
}

/** A code that the app does not show. */
const wrong = (code: string): string => code.replace(/.$/, (digit) => String(9 - Number(digit)));

/** What a visitor does with factors, by the names that people see. */
function factorsOf({ page }: Visitor) {
  const { button } = namesOn(page);
  const code = page.getByLabel('Code', { exact: true });
  const recovery = page.getByLabel('Recovery code', { exact: true });
  const list = page.getByRole('list', { name: 'Recovery codes' });
  const shown = async () => {
    await list.waitFor();
    const codes = await list.getByRole('listitem').allInnerTexts();
    return codes.map((one) => one.trim());
  };
  return {
    ...{ code, recovery },
    /** Sets up an app from its first button to its recovery codes. Returns both. */
    async setUp() {
      // A dialog is the last of what is on a page.
      await button('Set up an authenticator app').last().click();
      await page.getByRole('img', { name: /^QR code/ }).waitFor();
      const app = appWith(await page.getByLabel('Secret', { exact: true }).inputValue());
      await code.fill(app());
      await button('Turn on').click();
      return { app, codes: await shown() };
    },
    shown,
    keep: () => button('I have kept them').click(),
    /** Puts a new app in place of one that is lost, by a recovery code. */
    async replace(one: string) {
      await button('Replace the authenticator app').click();
      await page.getByRole('img', { name: /^QR code/ }).waitFor();
      const app = appWith(await page.getByLabel('Secret', { exact: true }).inputValue());
      await page.getByLabel('Code of the new app', { exact: true }).fill(app());
      await button('Use a recovery code').click();
      await recovery.fill(one);
      await button('Replace').click();
    },
    /** Sends a code in place of the app's. */
    async recover(one: string, action: string) {
      await button('Use a recovery code').click();
      await recovery.fill(one);
      await button(action).last().click();
    },
    async leave() {
      const menu = button('Menu');
      if (await menu.isVisible()) await menu.click();
      await button('Sign out').click();
      await button('Sign in').waitFor();
    },
  };
}

export const factors: Group = {
  async 'are set up, asked for at sign-in, made up for by recovery codes, and removed'({
    company,
    visitor,
  }) {
    const { email } = await (await company('factors')).addMember(4, 'Di');
    const di = await visitor();
    const { page, open, signIn, check } = di;
    const { button, inDialog, said, heading } = namesOn(page);
    const { code, recovery, setUp, shown, keep, recover, leave } = factorsOf(di);
    await open('/console/account');
    await signIn(email);
    const { app, codes } = await setUp();
    expect(codes).toHaveLength(10);
    await check();
    const saved = page.waitForEvent('download');
    await button('Download').click();
    expect((await saved).suggestedFilename()).toBe('latchkey-recovery-codes.txt');
    await keep();
    await said('10 left');
    await check();

    await leave();
    await signIn(email);
    await code.waitFor();
    await expect.poll(() => code.evaluate((field) => field.matches(':focus'))).toBe(true);
    await check();
    const next = app();
    await code.fill(wrong(next));
    await button('Sign in').click();
    await said('This code is wrong');
    await code.fill(next);
    await button('Sign in').click();
    await heading('My account');

    await leave();
    await signIn(email);
    await recover(codes[0] ?? '', 'Sign in');
    await said('9 left');
    await button('Make new recovery codes').click();
    await recover(codes[1] ?? '', 'Make new recovery codes');
    const [first = ''] = await shown();
    await keep();
    await button('Remove the authenticator app').click();
    await expect.poll(() => code.evaluate((field) => field.matches(':focus'))).toBe(true);
    await check();
    await button('Use a recovery code').click();
    await recovery.fill(first);
    await inDialog('Remove').click();
    await button('Set up an authenticator app').waitFor();
    await leave();
    await signIn(email);
    await heading('My account');
  },

  async 'are required by a company: a colleague enrols over a form that keeps its input'({
    company,
    visitor,
  }) {
    const { addMember } = await company('required');
    const [ada, di] = [await addMember(1, 'Ada'), await addMember(4, 'Di')];
    const [first, second] = [await visitor(), await visitor()];
    const [adas, dis] = [namesOn(first.page), namesOn(second.page)];
    await second.open('/console/account');
    await second.signIn(di.email);
    const name = second.page.getByLabel('Name', { exact: true });
    await name.fill('Diana');

    await first.open('/console/company');
    await first.signIn(ada.email);
    await adas.said('It can be required once somebody of level 1 has one');
    await first.check();
    await adas.button('Require a second factor').click();
    await adas.inDialog('Require a second factor').click();
    await adas.said('No active member of level 1 has a second factor yet.');
    await adas.inDialog('Cancel').click();
    await first.page.getByRole('link', { name: 'Set up yours' }).click();
    const { setUp, keep, code } = factorsOf(first);
    const { app } = await setUp();
    await keep();
    await first.go('Company');
    await adas.button('Require a second factor').click();
    await first.check();
    await adas.inDialog('Require a second factor').click();
    await first.page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await first.signIn(ada.email);
    await code.fill(app());
    await adas.button('Sign in').click();
    await adas.button('Stop requiring it').waitFor();
    await first.page.getByLabel('Control charging').check();
    await adas.button('Save').click();
    await adas.said('What support sessions may do is saved.');
    await first.page.reload();
    await adas.button('Stop requiring it').waitFor();
    expect(await first.page.getByLabel('Control charging').isChecked()).toBe(true);
    await first.check();

    await dis.button('Save changes').click();
    await dis.dialog.waitFor();
    await second.signIn(di.email);
    await second.page.getByRole('dialog', { name: 'Set up a second factor' }).waitFor();
    // The same button is on the page behind it, and there earlier.
    await dis.inDialog('Set up an authenticator app').waitFor();
    await second.check();
    const own = factorsOf(second);
    const { codes } = await own.setUp();
    await second.check();
    await own.keep();
    await dis.dialog.waitFor({ state: 'detached' });
    expect(await name.inputValue()).toBe('Diana');
    await dis.said('Your company requires it.');
    await own.replace(codes[0] ?? '');
    await dis.said('The old one no longer works.');
    await second.check();

    await first.open(`/console/people/${di.id}`);
    await adas.said('Authenticator app and 9 recovery codes');
    await first.check();
    await adas.button('Remove second factors').click();
    await first.check();
    await adas.inDialog('Remove second factors').click();
    await adas.said('A password alone');
    await own.leave();
    await second.signIn(di.email);
    await dis.heading('Set up a second factor');
    await second.check();
    await dis.button('Sign in as somebody else').click();
    await dis.heading('Sign in');
  },
};
