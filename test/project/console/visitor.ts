/** Somebody at the console, in a browser of their own: with a phone or at a desk, light or dark. */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Server } from '../server.ts';
import { PASSWORD } from './company.ts';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

export const LOOKS = [
  { name: 'a dark phone', ...PHONE, colorScheme: 'dark' },
  { name: 'a light desk', ...DESK, colorScheme: 'light' },
] as const;
/** The other way round. */
export const CROSSED_LOOKS = [
  { name: 'a light phone', ...PHONE, colorScheme: 'light' },
  { name: 'a dark desk', ...DESK, colorScheme: 'dark' },
] as const;
export type Look = (typeof LOOKS | typeof CROSSED_LOOKS)[number];

/** What somebody's browser is like: its window in pixels, and what else Playwright takes. */
export interface View extends Omit<BrowserContextOptions, 'viewport'> {
  width: number;
  height: number;
}

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** Chromium logs each refusal of a server. The console tells of these in its own words. */
const REFUSED =
  /^Failed to load resource: (.* status of (400|401|403|409|422|429)|net::ERR_INTERNET)/;

/** Only of things: a file that is not there is wrong. */
const MISSING = /^Failed to load resource: .* status of 404/;

export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** Opens a path of the console. */
  open(path: string): Promise<void>;
  signIn(email: string, password?: string): Promise<void>;
  /** Opens a screen by its link, which a phone has behind the menu. */
  go(screen: string): Promise<void>;
  /** The names of the screens that there are links to. */
  screens(): Promise<string[]>;
  /** The heading of the screen is this, and has the focus. */
  arrive(heading: string): Promise<void>;
  /** axe finds nothing, nothing is wider than the window, nothing went wrong until now. */
  check(): Promise<void>;
  /** Runs a script in the page, whose policy forbids Playwright to do so. */
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Colours on their way to others are no colours to judge. */
const SETTLED = `document.getAnimations()
  .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime))
  .forEach((animation) => animation.finish())`;

/** What is wrong by axe, in short. It looks for no words about what is right. */
const VIOLATIONS = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' ')))`;

function watch(page: Page, origin: string): string[] {
  const wrong: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    const isOfApi = message.location().url.startsWith(`${origin}/console/api/`);
    const isTold = REFUSED.test(text) || (isOfApi && MISSING.test(text));
    if (['error', 'warning'].includes(message.type()) && !isTold) wrong.push(text);
  });
  // Nobody is shown what they may not do. Proof is wanted of those who may, and a
  // service without mail says so.
  page.on('response', async (response) => {
    if (response.status() !== 403) return;
    const text = await response.text().catch(() => '');
    const isTold = /"proof"|"PROOF"|This service sends no mail/.test(text);
    if (!isTold) wrong.push(`${response.url()}: ${text}`);
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`)) wrong.push(url);
  });
  return wrong;
}

export async function visit(
  browser: Browser,
  server: Server,
  { width, height, ...options }: View,
): Promise<Visitor> {
  const origin = server.url.replace('127.0.0.1', 'localhost');
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const wrong = watch(page, origin);
  const devtools = await context.newCDPSession(page);
  // Not through the page, whose policy forbids to evaluate text.
  const evaluate = async (expression: string) => {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await devtools.send('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  };
  const menu = async () => {
    await page.getByRole('link', { name: 'Latchkey', exact: true }).waitFor();
    const button = page.getByRole('button', { name: 'Menu', exact: true });
    if (await button.isVisible()) await button.click();
  };
  const screens = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
  return {
    ...{ page, context, evaluate },
    async open(path) {
      await page.goto(origin + path);
    },
    async signIn(email, password = PASSWORD) {
      await page.getByLabel('E-mail', { exact: true }).fill(email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    },
    async go(screen) {
      await menu();
      await screens.and(page.getByRole('link', { name: screen, exact: true })).click();
    },
    async screens() {
      await menu();
      await screens.first().waitFor();
      const names = await screens.allInnerTexts();
      await page.keyboard.press('Escape');
      return names.map((name) => name.trim());
    },
    async arrive(heading) {
      const found = page.getByRole('heading', { level: 1, name: heading, exact: true });
      await found.waitFor();
      await expect.poll(() => page.title()).toBe(`${heading} · Latchkey`);
      await expect.poll(() => evaluate('document.activeElement.tagName')).toBe('H1');
    },
    async check() {
      await evaluate(SETTLED);
      if (await evaluate('!window.axe')) await evaluate(axe);
      expect(await evaluate(VIOLATIONS)).toEqual([]);
      expect(await evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(wrong).toEqual([]);
    },
    close: () => context.close(),
  };
}
