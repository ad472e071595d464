/** A person's visit to the console, in a browser as wide and as dark as told. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Server } from '../server.ts';
import { PASSWORD } from './people.ts';

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

export interface Look {
  width: 390 | 1440;
  colorScheme: 'light' | 'dark';
}

export interface Visit {
  page: Page;
  open(path: string): Promise<void>;
  /** Opens a screen by its link, as people do on a phone and on a desk. */
  go(name: string): Promise<void>;
  /** The screen fits, axe finds nothing, and nothing was wrong since. */
  expectFine(): Promise<void>;
  close(): Promise<void>;
}

/** A browser says so of each refusal, which is what the answer is for. */
const isRefusal = (text: string) => /status of 4\d\d/.test(text);

async function axeFindings(page: Page): Promise<unknown> {
  await page.evaluate(AXE);
  return await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(
    ({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`);
}

export async function visit(
  browser: Browser,
  { url }: Server,
  email: string,
  { width, colorScheme }: Look,
): Promise<Visit> {
  const origin = url.replace('127.0.0.1', 'localhost');
  const context = await browser.newContext({
    ...{ viewport: { width, height: 900 }, colorScheme },
    ...{ locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => {
    const isLoud = ['error', 'warning'].includes(message.type());
    if (isLoud && !isRefusal(message.text())) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) wrong.push(request.url());
  });
  await page.goto(`${origin}/console`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return {
    page,
    async open(path) {
      await page.goto(origin + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
    },
    async go(name) {
      if (width === 390) await page.getByRole('button', { name: 'Menu' }).click();
      const screens = page.getByRole('navigation', { name: 'Screens' });
      await screens.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
    },
    async expectFine() {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await axeFindings(page)).toEqual([]);
      expect(wrong).toEqual([]);
    },
    close: () => context.close(),
  };
}
