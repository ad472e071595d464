/** Groups of journeys through the console. They share one server and one browser. */
import type { Browser } from 'playwright-core';
import type { LocalServer } from '../server.ts';
import { type Company, newCompany } from './company.ts';
import { type Look, type Visitor, visit } from './visitor.ts';

export interface Journey {
  look: Look;
  server: LocalServer;
  /** A new company of this group. */
  company(name: string): Promise<Company>;
  /** A new browser, with nothing remembered. It is closed at the end of the test. */
  visitor(): Promise<Visitor>;
}

/** What a journey does, by what it shows. */
export type Group = Record<string, (journey: Journey) => Promise<void>>;

/** Does a journey, and closes what it opened. */
export async function travel(
  [server, browser, look]: [LocalServer, Browser, Look],
  journey: Group[string],
): Promise<void> {
  const visitors: Visitor[] = [];
  try {
    await journey({
      ...{ look, server },
      company: (name) => newCompany(server, name),
      async visitor() {
        const visitor = await visit(browser, server, look);
        visitors.push(visitor);
        return visitor;
      },
    });
  } finally {
    await Promise.all(visitors.map((visitor) => visitor.close()));
  }
}
