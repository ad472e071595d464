/** What a company's programs need: keys, and webhooks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type { Group, Journey } from './group.ts';
import { HOSTILE } from './holder.ts';
import { namesOn } from './names.ts';

/** A receiver of webhooks, which answers with `status`. */
async function openReceiver() {
  const receiver = { status: 204, url: '' };
  const server = createServer((_, response) => response.writeHead(receiver.status).end());
  server.unref();
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return receiver;
}

async function begin({ company, visitor }: Journey, path: string) {
  const { email } = await (await company('programs')).addMember(1, 'Ada Admin');
  const agent = await visitor();
  await agent.open(path);
  await agent.signIn(email);
  const shown = (label: string) =>
    agent.page.getByRole('dialog').getByLabel(label, { exact: true }).inputValue();
  return { ...agent, shown };
}

export const programs: Group = {
  async 'get a key, which is tried, rotated and removed with everything it made'(journey) {
    const agent = await begin(journey, '/console/api-keys');
    const { page, shown } = agent;
    const { button, dialog, inDialog, refused, said } = namesOn(page);
    await button('Add key').click();
    await dialog.getByLabel('The key is for').selectOption('Choose one by one');
    await inDialog('Add key').click();
    await said('Choose at least one thing that the key may do.');
    await dialog.getByLabel('Manage API keys').check();
    await dialog.getByLabel('Read orders').check();
    await inDialog('Add key').click();
    await refused('name');
    await dialog.getByLabel('Name').fill(HOSTILE);
    await dialog.getByLabel('Expires').selectOption('In 30 days');
    await inDialog('Add key').click();
    const key = await shown('Key');
    const command = await shown('Command');
    expect(command).toContain(`KEY=${key}\n`);
    await agent.check();
    await page.keyboard.press('Escape');
    await inDialog('Done').click();
    // A small desk has room for what is done with keys.
    await page.setViewportSize({ width: 1100, height: 900 });
    const hidden = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(
      document.querySelector('.table'))`;
    expect(await agent.evaluate(hidden)).toBe(0);
    await page.setViewportSize(journey.look);

    const asked = { query: '{ caller { kind scopes } }' };
    const answer = await fetch(`${journey.server.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify(asked),
    });
    expect(await answer.json()).toMatchObject({
      data: { caller: { kind: 'API_KEY', scopes: ['orders:read', 'keys:write'] } },
    });
    const row = page.getByRole('row').filter({ hasText: 'Ada Admin' });
    await row.getByRole('button', { name: /^Rotate/ }).click();
    await dialog.getByLabel('The old key works').selectOption('No longer: it stops at once');
    const old = await row.textContent();
    await inDialog('Rotate').click();
    expect(await shown('Key')).not.toBe(key);
    await expect.poll(() => row.textContent(), { timeout: 20_000 }).not.toBe(old);
    await inDialog('Done').click();
    await row.getByRole('button', { name: /^Remove/ }).click();
    await dialog.getByLabel('To confirm').fill(HOSTILE);
    await dialog.getByLabel('… and everything it made').check();
    await agent.check();
    await inDialog('Remove').click();
    await said('Ended with it: 0 keys, 0 sessions, 0 webhooks, and 0 people.');
  },

  async 'get events by a webhook, which is tested, changed, rotated, replayed and removed'(
    journey,
  ) {
    const receiver = await openReceiver();
    const agent = await begin(journey, '/console/webhooks');
    const { page, shown } = agent;
    const { button, dialog, inDialog, refused, said } = namesOn(page);
    await said('Nothing is sent anywhere yet.');
    await button('Add webhook').click();
    await dialog.getByLabel('Address').fill('ftp://example.com');
    await inDialog('Add webhook').click();
    await refused('url');
    await dialog.getByLabel('Address').fill(receiver.url);
    await dialog.getByLabel('Description').fill('Billing');
    await dialog.getByLabel('Send').selectOption('Some events');
    await inDialog('Add webhook').click();
    await said('Choose what to send');
    await dialog.getByLabel('Orders').check();
    await dialog.getByLabel('Single events').fill('nothing.like.this');
    await inDialog('Add webhook').click();
    await refused('types');
    await dialog.getByLabel('Single events').fill('session.expire');
    await inDialog('Add webhook').click();
    expect(await shown('Secret')).toMatch(/^whsec_/);
    await inDialog('Done').click();

    await page.getByRole('link', { name: 'Billing' }).click();
    await said('Orders, session.expire');
    await button('Test').click();
    await said(/The test arrived. Your receiver answered 204/);
    receiver.status = 500;
    await button('Test').click();
    await said(/The test failed. Your receiver answered 500/);
    await said('Answer 500');
    await agent.check();
    await button('Change').click();
    await dialog.getByLabel('Send').selectOption('All events');
    await inDialog('Save changes').click();
    await said('All events');
    await button('Rotate').click();
    await inDialog('Rotate').click();
    expect(await shown('Secret')).toMatch(/^whsec_/);
    await inDialog('Done').click();
    await button('Disable').click();
    await inDialog('Disable').click();
    await said('The webhook is disabled.');
    await button('Enable').click();
    await said('The webhook goes on where it stopped.');
    await button('Replay').click();
    await dialog.getByLabel('Send').selectOption('What came after a place in the feed');
    await dialog.getByLabel('Place').fill('nowhere');
    await inDialog('Replay').click();
    await refused('after');
    await dialog.getByLabel('Send').selectOption('All events that are still kept');
    await inDialog('Replay').click();
    await said('Events are on their way again.');
    await button('Remove').click();
    await inDialog('Remove').click();
    await said('Nothing is sent anywhere yet.');
    await agent.check();
  },
};
