/**
 * What a month of checks costs, with all that goes with them: sessions opened, slid, and
 * republished.
 */
import { BASE, type Item, PRICES } from './prices.ts';

export const DAILY_USERS = 1e6;
export const CHECKS_A_DAY = 50;
export const DAYS = 30;

/** How often each of these happens to a user in a day. */
export const OPENINGS_A_DAY = 0.1;
export const GRANT_CHANGES_A_DAY = 0.05;
/**
 * The first activity 21 to 22 hours after a renewal renews; where a peer slides once a day, it
 * counts as often.
 */
export const RENEWALS_A_DAY = 1.1;

/**
 * Of how many of Latchkey's checks the isolate does not know the token: half is a guess, all is the
 * upper bound.
 */
export const COLD_SHARES = [0.5, 1] as const;

/** What something uses of what is billed. */
export type Usage = Partial<Record<Item, number>>;

/** What goes with the checks, for each time that it happens. */
export interface Upkeep {
  opening?: Usage;
  renewal?: Usage;
  grantChange?: Usage;
}

/** A month's bill in dollars, by item, without the subscription. */
export type Bill = Record<Item, number>;

const EVENTS_A_DAY = {
  opening: OPENINGS_A_DAY,
  renewal: RENEWALS_A_DAY,
  grantChange: GRANT_CHANGES_A_DAY,
} satisfies Record<keyof Upkeep, number>;

const items = Object.keys(PRICES) as Item[];

/** How much of an item a user uses in a day. */
function daily(item: Item, check: Usage, upkeep: Upkeep): number {
  const events = Object.keys(EVENTS_A_DAY) as (keyof Upkeep)[];
  return events.reduce(
    (sum, event) => sum + EVENTS_A_DAY[event] * (upkeep[event]?.[item] ?? 0),
    CHECKS_A_DAY * (check[item] ?? 0),
  );
}

export function bill(check: Usage, upkeep: Upkeep): Bill {
  const dollars = (item: Item) => {
    const { included, perMillion } = PRICES[item];
    const used = daily(item, check, upkeep) * DAILY_USERS * DAYS;
    return (Math.max(0, used - included) / 1e6) * perMillion;
  };
  return Object.fromEntries(items.map((item) => [item, dollars(item)])) as Bill;
}

export const total = (bill: Bill): number => Object.values(bill).reduce((a, b) => a + b, BASE);

/**
 * What the average check uses when `share` of all are cold: a warm one, and so much of what sets a
 * cold one apart.
 */
export function partlyCold(share: number, check: Usage, warm: Usage, cold: Usage): Usage {
  const dearer = (item: Item) => share * ((cold[item] ?? 0) - (warm[item] ?? 0));
  return Object.fromEntries(
    items.map((item) => [item, Math.max(0, (check[item] ?? 0) + dearer(item))]),
  );
}
