/** Cloudflare's listed prices, in dollars: the Workers Paid plan, which includes KV and D1. */

/** The pages bear no date: this is when they were looked up. */
export const LOOKED_UP = '2026-11-23';

export const SOURCES = [
  'https://developers.cloudflare.com/workers/platform/pricing/',
  'https://developers.cloudflare.com/kv/platform/pricing/',
  'https://developers.cloudflare.com/d1/platform/pricing/',
] as const;

/** A month's subscription. */
export const BASE = 5;

export interface Price {
  /** What the subscription includes in a month. */
  included: number;
  /** Of each further million. */
  perMillion: number;
}

export const PRICES = {
  /** From outside; what one Worker asks of another by a service binding is not billed. */
  requests: { included: 10e6, perMillion: 0.3 },
  cpuMilliseconds: { included: 30e6, perMillion: 0.02 },
  kvReads: { included: 10e6, perMillion: 0.5 },
  kvWrites: { included: 1e6, perMillion: 5 },
  rowsRead: { included: 25e9, perMillion: 0.001 },
  rowsWritten: { included: 50e6, perMillion: 1 },
} satisfies Record<string, Price>;

export type Item = keyof typeof PRICES;
