/**
 * The times in the pictures. It is always the same moment there, and what the demo did within
 * seconds took a day: else all would have happened "now", and each set of pictures would differ.
 */
import type { BrowserContext } from 'playwright-core';

const NOW = Date.parse('2027-03-09T14:30:00Z');
const DAY_MS = 86_400_000;

/** As GraphQL writes a time, and as the company API does: in UTC. */
const TIMES = /"(\d{4}-\d\d-\d\d)(T| )(\d\d:\d\d:\d\d)(\.\d{3}Z)?"/g;

/** The texts of an API with the times of the pictures. `began`: when the demo did, in ms. */
export function retimed(text: string, began: number, now = Date.now()): string {
  const stretch = DAY_MS / (now - began);
  return text.replace(TIMES, (_, day, between, time, rest = '') => {
    const away = Date.parse(`${day}T${time}${rest || 'Z'}`) - now;
    const moved = new Date(NOW + (away < 0 ? away * stretch : away)).toISOString();
    return JSON.stringify(between === 'T' ? moved : moved.slice(0, 19).replace('T', ' '));
  });
}

/** Shows somebody the times of the pictures. */
export async function useCalendar(context: BrowserContext, began: number): Promise<void> {
  await context.clock.setFixedTime(NOW);
  await context.route('**/console/api/**', async (route) => {
    // Which Playwright leaves out, and which shows that a page of the console asks.
    const headers = { ...(await route.request().allHeaders()), 'sec-fetch-site': 'same-origin' };
    const response = await route.fetch({ headers });
    await route.fulfill({ response, body: retimed(await response.text(), began) });
  });
}
