/** The results as text. */
import { table } from '../table.ts';
import type { Contender } from './contender.ts';
import type { Verdict } from './goals.ts';
import {
  CHECKS_A_DAY,
  COLD_SHARES,
  DAILY_USERS,
  DAYS,
  GRANT_CHANGES_A_DAY,
  OPENINGS_A_DAY,
  RENEWALS_A_DAY,
} from './money.ts';
import { BASE, type Item, LOOKED_UP, SOURCES } from './prices.ts';
import type { Result } from './results.ts';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const dollars = (value: number): string => `$${whole(value)}`;
const count = (value: number): string => String(Math.round(value * 1000) / 1000);

/** What others are told by is no way to check tokens. */
const isMeasure = ({ kind }: Contender): boolean => kind === 'constant' || kind === 'limit';

function line({ contender, asItRuns, inMemory, ratio, limit, bills }: Result): string[] {
  const { kvReads, kvWrites, d1Queries } = inMemory.counts;
  return [
    contender.name,
    ...[asItRuns.perSecond, asItRuns.p50, asItRuns.p99, asItRuns.cpu].map(whole),
    inMemory.cpu.toFixed(1),
    ratio.toFixed(2),
    ...(limit ? [limit.ratio.toFixed(2), limit.between.toFixed(1)] : ['', '']),
    ...[kvReads, kvWrites, d1Queries].map(count),
    contender.revocable === undefined ? '' : contender.revocable ? 'yes' : 'no',
    isMeasure(contender) ? '' : bills.map(({ total }) => dollars(total)).join(' – '),
  ];
}

export const measured = (results: Result[]): string =>
  table([
    [
      'a check',
      'req/s',
      'p50 µs',
      'p99 µs',
      'CPU µs as it runs',
      'own CPU µs',
      '× constant',
      '× limit',
      'µs over it',
      'KV reads',
      'KV writes',
      'D1 queries',
      'revocable',
      '$ a month',
    ],
    ...results.map(line),
  ]);

const ITEMS = {
  requests: 'requests',
  cpuMilliseconds: 'CPU',
  kvReads: 'KV reads',
  kvWrites: 'KV writes',
  rowsRead: 'D1 rows read',
  rowsWritten: 'D1 rows written',
} satisfies Record<Item, string>;

const share = (cold: number | undefined): string =>
  cold === undefined ? '' : cold === 1 ? ', all cold' : `, ${cold * 100} % cold`;

const items = Object.keys(ITEMS) as Item[];

export const priced = (results: Result[]): string =>
  table([
    ['$ a month', ...items.map((item) => ITEMS[item]), 'with the plan'],
    ...results
      .filter(({ contender }) => !isMeasure(contender))
      .flatMap(({ contender, bills }) =>
        bills.map(({ coldShare, bill, total }) => [
          contender.name + share(coldShare),
          ...items.map((item) => dollars(bill[item])),
          dollars(total),
        ]),
      ),
  ]);

export const judged = (verdicts: Verdict[]): string =>
  verdicts
    .map(({ goal, reached, found }) => `${reached ? 'reached' : 'MISSED '}  ${goal}: ${found}`)
    .join('\n');

const coldShares = COLD_SHARES.map((cold) =>
  cold === 1 ? 'all checks cold' : `${cold * 100} % of checks cold`,
).join(' to ');

export const ASSUMPTIONS = `\
req/s, p50, p99 and the first CPU column are with Miniflare's KV and D1. In the others, memory
inside the Worker answers in place of KV and D1. CPU is all that workerd uses, with its HTTP. Tokens
come in turn. A warm isolate knows all of them, a cold one none. × constant compares with a Hono
route, or an RPC method, that returns a constant. × limit compares with a Worker without a framework
that reads what the check reads and sends what it sends (cold: after one hash and one KV read); by
RPC it compares with the constant method. The D1 lookup and both KV sessions do what Latchkey does:
hash, end, tenant, and the device if one is asked about.

$ a month: ${whole(DAILY_USERS)} daily users with ${CHECKS_A_DAY} checks a day, for ${DAYS} days,
at Cloudflare's prices as looked up on ${LOOKED_UP}
(${SOURCES.join(', ')}),
with the plan's $${BASE} and what it includes. Besides the checks, for each user and day:
${OPENINGS_A_DAY} sessions opened, ${RENEWALS_A_DAY} renewals where a session slides once a day, and
${GRANT_CHANGES_A_DAY} changes of grants, each with the copies that it rewrites
(the peers have no grants).
Latchkey: from ${coldShares}. An RPC check is no request of its own.`;
