/** Passkeys, by Chromium's virtual authenticators. */
import { expect } from 'vitest';
import type { Group } from './group.ts';
import { namesOn } from './names.ts';
import { age } from './proof.ts';
import type { Visitor } from './visitor.ts';

/** What a visitor has passkeys on. Each is as if somebody touched it at once. */
async function keysOf({ page, context }: Visitor) {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
  const options = {
    protocol: 'ctap2' as const,
    ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    automaticPresenceSimulation: true,
  };
  return {
    async add(transport: 'internal' | 'usb') {
      const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: { ...options, transport },
      });
      return {
        /** Whether the finger or the PIN is right. */
        verify: (isUserVerified: boolean) =>
          devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
        remove: () => devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
      };
    },
  };
}

export const passkeys: Group = {
  async 'are added, sign somebody in, are renamed and removed; a second device as well'({
    server,
    company,
    visitor,
  }) {
    const { id, email } = await (await company('passkeys')).addMember(4, 'Di');
    const di = await visitor();
    const { page, open, signIn, check } = di;
    const { button, inDialog, dialog, said, heading } = namesOn(page);
    const name = dialog.getByLabel('Name', { exact: true });
    const keys = await keysOf(di);
    const laptop = await keys.add('internal');
    const leave = async () => {
      const menu = button('Menu');
      if (await menu.isVisible()) await menu.click();
      await button('Sign out').click();
      await button('Sign in with a passkey').waitFor();
    };
    const add = async (called: string) => {
      await button('Add a passkey').click();
      expect(await name.inputValue()).toMatch(/^Chrome on /);
      await name.fill(called);
      await inDialog('Go on').click();
    };
    await open('/console/account');
    await signIn(email);
    await said('No passkeys yet.');
    await add('Laptop');
    await button('I have kept them').click();
    await button('Rename Laptop').waitFor();
    await said('10 left');
    // There is no app whose code could be asked for.
    await button('Make new recovery codes').click();
    await dialog.getByLabel('Recovery code', { exact: true }).waitFor();
    await inDialog('Cancel').click();
    await check();

    await leave();
    await check();
    await button('Sign in with a passkey').click();
    await heading('My account');
    await add('Again');
    await said('You have a passkey on this device already.');
    await check();
    await inDialog('Cancel').click();
    await laptop.remove();
    const { verify } = await keys.add('usb');
    await add('Security key');
    await button('Rename Security key').waitFor();

    await leave();
    await button('Sign in with a passkey').click();
    await button('Rename Security key').click();
    await name.fill('Yellow key');
    await inDialog('Rename').click();
    await button('Remove Yellow key').waitFor();
    // The server must not be in the middle of a write of its own.
    await page.waitForLoadState('networkidle');
    age(server, id);
    await button('Remove Laptop').click();
    await inDialog('Remove').click();
    await verify(false);
    await button('Use a passkey').click();
    await page
      .getByRole('dialog', { name: 'Confirm that it is you' })
      .getByText('No passkey was given')
      .waitFor();
    await check();
    await verify(true);
    await button('Use a passkey').click();
    await button('Remove Laptop').waitFor({ state: 'detached' });
    await button('Remove Yellow key').click();
    await said('Your password alone signs you in then');
    await check();
    await inDialog('Remove').click();
    await said('No passkeys yet.');
    await leave();
    await button('Sign in with a passkey').click();
    await said('This passkey did not sign you in.');
    await check();
    await signIn(email);
    await heading('My account');
  },

  async 'can be cancelled, and keep what was entered; are asked for after a password'({
    company,
    visitor,
  }) {
    const { email } = await (await company('cancelled')).addMember(4, 'Di');
    const di = await visitor();
    const { page, open, signIn, check } = di;
    const { button, inDialog, dialog, said } = namesOn(page);
    const name = dialog.getByLabel('Name', { exact: true });
    const { verify } = await (await keysOf(di)).add('internal');
    await verify(false);
    await open('/console/account');
    await button('Sign in with a passkey').click();
    await said('No passkey was given');
    await check();
    await signIn(email);
    await button('Add a passkey').click();
    await name.fill('Laptop');
    await inDialog('Go on').click();
    await said('No passkey was given');
    expect(await name.inputValue()).toBe('Laptop');
    await check();
    await verify(true);
    await inDialog('Go on').click();
    await button('I have kept them').click();
    await button('Remove Laptop').waitFor();

    const menu = button('Menu');
    if (await menu.isVisible()) await menu.click();
    await button('Sign out').click();
    await signIn(email);
    await said('Your account has a passkey.');
    await page.getByLabel('Recovery code', { exact: true }).waitFor();
    await check();
    await button('Sign in with a passkey').click();
    await button('Remove Laptop').waitFor();
  },
};
