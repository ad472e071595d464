/** Fresh proof: what is asked before something grave, when the last proof is too old. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { Signer } from '../../../src/base/signer.ts';
import type { Call } from '../../../src/domain/permit.ts';
import { issueOperatorSession } from '../../../src/policy/operator-session.ts';
import type { LocalServer } from '../server.ts';
import { PASSWORD } from './company.ts';
import type { Group } from './group.ts';
import { namesOn } from './names.ts';
import { freshName } from './operator.ts';

const AGO_MS = 16 * 60_000;

/** As if the sessions of a member had been opened 16 minutes earlier. */
export function age({ data }: LocalServer, memberId: number): void {
  const d1 = join(data, 'v3/d1/miniflare-D1DatabaseObject');
  const [file = ''] = readdirSync(d1).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
  const db = new DatabaseSync(join(d1, file), { timeout: 5_000 });
  db.prepare(
    'UPDATE sessions SET created_at = created_at - ?, proved_at = NULL WHERE user_id = ?',
  ).run(AGO_MS, memberId);
  db.close();
}

/** What the cookie of an operator holds who signed in 16 minutes ago. */
function oldOperator({ operatorKey, project }: LocalServer): string {
  const file = readFileSync(join(project, '.dev.vars'), 'utf8');
  const secrets = /^SIGNING_SECRETS=(\S+)/m.exec(file)?.[1] ?? '';
  const [first = '', ...others] = secrets.split(',');
  const signer = new Signer([first, ...others]);
  const call = { now: Date.now() - AGO_MS, signer } as Call;
  return issueOperatorSession(call, operatorKey);
}

export const proof: Group = {
  async 'is asked of a member over a form, which is sent once with what was typed'({
    server,
    company,
    visitor,
  }) {
    const { id, email } = await (await company('proof')).addMember(1, 'Ada');
    const { page, open, signIn, arrive, check } = await visitor();
    const { button, dialog, inDialog } = namesOn(page);
    const asks = page.getByRole('dialog', { name: 'Confirm that it is you' });
    const name = dialog.getByLabel('Name', { exact: true });
    const sent: string[] = [];
    page.on('request', (request) => {
      const body = request.postData() ?? '';
      if (body.includes('addApiKey')) sent.push(body);
    });
    await open('/console/api-keys');
    await signIn(email);
    await arrive('API keys');
    // The server must not be in the middle of a write of its own.
    await page.waitForLoadState('networkidle');
    age(server, id);
    await button('Add key').click();
    await name.fill('The billing of Ada');
    await inDialog('Add key').click();
    await asks.waitFor();
    await check();
    // It closes this question alone.
    await page.keyboard.press('Escape');
    await dialog.getByText('You did not confirm that it is you').waitFor();
    expect(await name.inputValue()).toBe('The billing of Ada');
    await check();

    await name.press('Enter');
    await asks.waitFor();
    await page.keyboard.type('a door that nobody painted');
    await page.keyboard.press('Enter');
    await asks.getByText('This is not your password.').waitFor();
    await check();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Key', { exact: true }).waitFor();
    await inDialog('Done').click();
    const row = page.getByRole('row').filter({ hasText: 'The billing of Ada' });
    await row.waitFor();
    expect([await row.count(), sent.length, new Set(sent).size]).toEqual([1, 3, 1]);
    // Nothing is asked again so soon.
    await row.getByRole('button', { name: /^Rotate/ }).click();
    await inDialog('Rotate').click();
    await dialog.getByLabel('Key', { exact: true }).waitFor();
    await check();
  },

  async 'gives the focus back to the page behind it'({ server, company, visitor }) {
    const { addMember } = await company('focus');
    const [{ id, email }, bob] = [await addMember(1, 'Ada'), await addMember(4, 'Bob')];
    const { page, open, signIn, arrive, check } = await visitor();
    const { button } = namesOn(page);
    const asks = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await open(`/console/people/${bob.id}`);
    await signIn(email);
    await arrive('Bob');
    // The server must not be in the middle of a write of its own.
    await page.waitForLoadState('networkidle');
    age(server, id);
    await page.getByLabel('Name', { exact: true }).fill('Robert');
    await button('Save changes').click();
    await page.getByRole('heading', { name: 'Robert' }).waitFor();
    await page.getByLabel('Level', { exact: true }).selectOption('3');
    await button('Save changes').click();
    await asks.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('You did not confirm that it is you').waitFor();
    expect(await page.getByLabel('Level', { exact: true }).inputValue()).toBe('3');
    await button('Save changes').click();
    await asks.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await asks.getByRole('button', { name: 'Confirm' }).click();
    await asks.waitFor({ state: 'detached' });
    const hasFocus = () =>
      button('Save changes').evaluate((element) => element === document.activeElement);
    await expect.poll(hasFocus, { timeout: 20_000 }).toBe(true);
    await page.reload();
    expect(await page.getByLabel('Level', { exact: true }).inputValue()).toBe('3');
    await check();
  },

  async 'is asked of the operator, and is the operator key'({ server, visitor }) {
    const { page, context, open, check } = await visitor();
    const { button, dialog, inDialog, heading } = namesOn(page);
    const asks = page.getByRole('dialog', { name: 'Confirm that it is you' });
    const { port } = new URL(server.url);
    const cookie = { name: `latchkey-${port}`, value: oldOperator(server) };
    await context.addCookies([{ ...cookie, url: `http://localhost:${port}`, sameSite: 'Strict' }]);
    // Any page of the origin will do: it remembers who signed in there.
    await open('/console/forgot');
    await page.evaluate(() => localStorage.setItem('latchkey-kind', 'operator'));
    await open('/console');
    await heading('Companies');
    const name = freshName('Proven');
    await button('Add company').click();
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await inDialog('Add company').click();
    await asks.getByLabel('Operator key', { exact: true }).fill(server.operatorKey);
    await check();
    await asks.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await heading(name);
    await check();
  },
};
