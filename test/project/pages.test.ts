/**
 * The pages in a real browser, as wide as a phone and as a desk: they open, say nothing is wrong,
 * and do what they are for.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser } from './browser.ts';
import type { Server } from './server.ts';
import { newKey, sharedServer } from './shared.ts';

const WIDTHS = [
  [390, 844],
  [1440, 900],
] as const;

let server: Server;
let browser: Browser;

describe.skipIf(!chromiumPath).each(WIDTHS)('at %d pixels', (width, height) => {
  let page: Page;
  /** What the console says is wrong, and what was thrown. */
  const wrong: string[] = [];

  beforeAll(async () => {
    server ??= await sharedServer();
    browser ??= await openBrowser();
    page = await browser.newPage({ viewport: { width, height } });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(String(error)));
  }, 120_000);

  const open = (path: string) => page.goto(server.url + path);

  const expectToFit = async () => {
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(wrong).toEqual([]);
  };

  it('/ welcomes', async () => {
    await open('/');
    expect(await page.getByRole('heading').allInnerTexts()).toEqual(['Latchkey']);
    await expectToFit();
  });

  it('GraphiQL asks as it says, shows its documentation, and keeps no credential', async () => {
    const key = await newKey(server);
    await open('/graphql');
    const [editor, headers] = ['.graphiql-query-editor', '.graphiql-editor-tool .graphiql-editor'];
    const first = page.locator(editor).getByText('{ "Authorization": "Bearer lk_key_…" }');
    await first.waitFor();
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.locator(`${headers}:not(.hidden)`).click();
    await page.keyboard.insertText(JSON.stringify({ Authorization: `Bearer ${key}` }));
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const result = page.locator('.result-window');
    await result.getByText('"API_KEY"').waitFor();
    expect((await result.boundingBox())?.width).toBeGreaterThan(200);

    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Query' }).click();
    await page.getByRole('link', { name: 'checkUserAccess', exact: true }).waitFor();

    await page.reload();
    await page.getByRole('button', { name: /^Execute query/ }).waitFor();
    const kept = await page.evaluate(
      'JSON.stringify([location.href, document.cookie, { ...localStorage }, { ' +
        '...sessionStorage }])',
    );
    expect(kept).not.toContain(key.slice(0, 20));
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await expectToFit();
  });

  it('the reference sends its example of a new user as it is prefilled', async () => {
    await open('/docs#tag/users/POST/user');
    await page.getByRole('button', { name: /Test Request.*post \/user\b(?!\/)/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Authentication/ }).click();
    await dialog.getByPlaceholder('Token').fill(await newKey(server));
    const answered = page.waitForResponse(`${server.url}/user`);
    await dialog.getByRole('button', { name: /^Send Request/ }).click();
    const answer = await answered;
    expect([answer.status(), await answer.json()]).toEqual([
      200,
      {
        errors: false,
        data: { user: expect.objectContaining({ email: 'ada@example.com' }), mailed: false },
      },
    ]);
    await expectToFit();
  });
});

/** What a page of the console asks, as a script in it would. */
const asking = (method: string, path: string, body: object | null) =>
  `fetch('${path}', { method: '${method}', headers: { 'Content-Type': 'application/json' },
    body: ${body ? `'${JSON.stringify(body)}'` : 'null'} })
    .then(async (answer) => [answer.status, await answer.text()])`;

it.skipIf(!chromiumPath)('a browser keeps the session of the console from scripts', async () => {
  server ??= await sharedServer();
  browser ??= await openBrowser();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.url}/console/companies`);
  const { port } = new URL(server.url);
  expect(page.url()).toBe(`http://localhost:${port}/console/companies`);

  const proof = { operatorKey: server.operatorKey };
  const [status] = (await page.evaluate(asking('POST', '/console/session', proof))) as [number];
  expect(status).toBe(200);
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: `latchkey-${port}`, httpOnly: true, sameSite: 'Strict' });
  expect(await page.evaluate('document.cookie')).toBe('');

  await page.reload();
  const query = { query: '{ caller { kind } }' };
  const asked = () => page.evaluate(asking('POST', '/console/api/graphql', query));
  expect(await asked()).toEqual([200, expect.stringContaining('"OPERATOR"')]);
  expect(await page.evaluate(asking('DELETE', '/console/session', null))).toEqual([204, '']);
  expect(await context.cookies()).toEqual([]);
  expect(await asked()).toEqual([401, expect.stringContaining('UNAUTHENTICATED')]);
  await context.close();
});

it('files of the console are served without the Worker, and kept for a year', async () => {
  server ??= await sharedServer();
  const page = await (await fetch(`${server.url}/console`)).text();
  const files = page.match(/\/console\/assets\/[^"]+/g) ?? [];
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const { status, headers } = await fetch(server.url + file);
    expect([file, status]).toEqual([file, 200]);
    expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.has('X-Request-Id')).toBe(false);
  }
  const gone = await fetch(`${server.url}/console/assets/main-GONE.js`);
  expect([gone.status, gone.headers.get('Cache-Control')]).toEqual([404, null]);
  const others = ['/console/page.txt', '/_headers', '/numbering-plans.json', '/docs/../_headers'];
  for (const path of others) {
    const { headers } = await fetch(server.url + path);
    expect([path, headers.has('X-Request-Id')]).toEqual([path, true]);
  }
});

afterAll(() => browser?.close());
