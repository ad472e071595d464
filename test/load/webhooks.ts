/**
 * Webhooks beside the load: a hundred, one of which stops answering. How soon an event comes,
 * whether each does, and in order; and that nobody notices the dead one.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Client, Json } from './client.ts';
import { expectSame, type Tenant } from './ledger.ts';
import { forEach } from './population.ts';

/** What each webhook of a company takes: none of the ten takes what another does. */
const TYPES = [
  ...[['order.add'], ['order.update'], ['order.cancel']],
  ...[['permission.add'], ['permission.remove', 'permission.end']],
  ...[['session.add'], ['session.remove', 'session.removeAll', 'session.expire']],
  ...[['user.*'], ['station.add', 'station.remove'], ['station.update', 'member.*']],
];

/** How soon an event is to come, and how much later where one receiver is dead, in milliseconds. */
const SOON_MS = 2_000;
const SLACK_MS = 100;
const SLACK = 1.5;
/** For what still waits when the load ends. */
const DRAIN_MS = 60_000;

/** How long a company waits that asked for too much. */
const TOO_MUCH_MS = 2_500;

interface Hook {
  tenant: Tenant;
  types: string[];
  verifier: Webhook;
  /** The ids of what came, each once, in the order in which it came first. */
  seen: Set<string>;
}

interface Verdict {
  good: boolean | undefined;
  what: string;
  found: string[];
}

export interface Hooks {
  /** How late the latest twentieth of events came since this was last asked, in milliseconds. */
  lateness(): number;
  /** From now on one receiver takes what it is sent, and never answers. */
  kill(): void;
  /** Compares what came with the feed, once nothing waits any more. */
  judge(): Promise<Verdict[]>;
}

const percentile = (times: number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** All events of these types behind a cursor, as the feed has them. */
async function readFeed(client: Client, { tenant, types }: Hook, after: string): Promise<string[]> {
  const ids: string[] = [];
  for (let next = after; ; ) {
    const path = `/events?limit=1000&actions=${types.join()}&after=${next}`;
    const { status, text } = await client.send('GET', path, tenant.keys.at(-1) ?? '');
    if (status === 429) {
      await sleep(TOO_MUCH_MS);
      continue;
    }
    if (status !== 200) throw new Error(`${path} answered ${status} ${text}`);
    const page: Json = JSON.parse(text);
    if (page.events.length === 0) return ids;
    ids.push(...page.events.map(({ id }: Json) => id));
    next = page.next;
  }
}

export async function openHooks(client: Client, tenants: Tenant[]): Promise<Hooks> {
  const hooks: Hook[] = [];
  /** From commit to first delivery, in milliseconds: while all answer, and while one does not. */
  const times: [alive: number[], beside: number[]] = [[], []];
  let recent: number[] = [];
  let dead: Hook | undefined;
  const faults: string[] = [];

  async function take(request: IncomingMessage): Promise<boolean> {
    const at = Date.now();
    const text = await textOf(request);
    const hook = hooks[Number(request.url?.slice(1))];
    if (!hook) throw new Error(`Nobody has ${request.url}.`);
    if (hook === dead) return false;
    const event: Json = hook.verifier.verify(text, request.headers as Record<string, string>);
    if (!hook.seen.has(event.id)) {
      const lateness = at - Date.parse(event.timestamp);
      times[dead ? 1 : 0].push(lateness);
      recent.push(lateness);
    }
    hook.seen.add(event.id);
    return true;
  }

  const server = createServer((request, response) => {
    take(request)
      .then((isTaken) => isTaken && response.writeHead(204).end())
      .catch((error) => {
        faults.push(String(error));
        response.writeHead(500).end();
      });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  server.unref();
  const { port } = server.address() as AddressInfo;

  /** Where the feed of each tenant stood. */
  const starts = new Map<Tenant, string>();
  for (const tenant of tenants) {
    const [key = ''] = tenant.keys;
    const { text } = await client.send('GET', '/events?after=latest', key);
    starts.set(tenant, JSON.parse(text).next);
    for (const types of TYPES) {
      const input = { url: `http://127.0.0.1:${port}/${hooks.length}`, types };
      const { secret } = await client.change(key, 'addWebhook', input, 'secret');
      hooks.push({ tenant, types, verifier: new Webhook(secret), seen: new Set() });
    }
  }

  async function lostOf(hook: Hook): Promise<string[]> {
    const wanted = await readFeed(client, hook, starts.get(hook.tenant) ?? '');
    // The last ones may still be under way.
    for (const end = Date.now() + DRAIN_MS; Date.now() < end; await sleep(250)) {
      if (wanted.every((id) => hook.seen.has(id))) break;
    }
    try {
      expectSame(`events of ${hook.types}`, [...hook.seen], wanted);
      return [];
    } catch (error) {
      const missing = wanted.filter((id) => !hook.seen.has(id)).length;
      return [`${missing} are missing: ${String(error).slice(0, 200)}`];
    }
  }

  return {
    lateness() {
      const late = percentile(recent, 0.95);
      recent = [];
      return late;
    },
    kill() {
      // One of those that have most to take.
      dead ??= hooks.find(({ types }) => types.includes('permission.add'));
    },
    async judge() {
      const lost: string[] = [...faults];
      await forEach(
        hooks.filter((hook) => hook !== dead),
        async (hook) => {
          lost.push(...(await lostOf(hook)));
        },
      );
      const [alive, beside] = times.map((some) => ({
        many: some.length,
        ...{ p50: percentile(some, 0.5), p95: percentile(some, 0.95), p99: percentile(some, 0.99) },
      })) as [Figures, Figures];
      const most = Math.max(alive.p95 * SLACK, alive.p95 + SLACK_MS);
      server.closeAllConnections();
      return [
        {
          good: alive.many === 0 ? undefined : alive.p95 <= SOON_MS,
          what:
            `first delivery, ${hooks.length} webhooks: ${shown(alive)} ` +
            `(p95 at most ${SOON_MS} ms)`,
          found: [],
        },
        { good: lost.length === 0, what: 'each event delivered, in its order', found: lost },
        {
          good: beside.many === 0 ? undefined : beside.p95 <= most,
          what:
            `beside a receiver that is dead: ${shown(beside)} ` +
            `(p95 at most ${Math.round(most)} ms)`,
          found: [],
        },
      ];
    },
  };
}

interface Figures {
  many: number;
  p50: number;
  p95: number;
  p99: number;
}

const shown = ({ many, p50, p95, p99 }: Figures): string =>
  `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms of ${many}`;
