/**
 * Latchkey itself, put together as `src/index.ts` does it, and the sessions that it is asked about.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { Issuer } from '../../../src/base/issuer.ts';
import type { MaybePromise } from '../../../src/base/maybe-promise.ts';
import type { SessionRecord } from '../../../src/domain/entities/session.ts';
import { copyKey } from '../../../src/domain/sessions/kv.ts';
import { renewal } from '../../../src/domain/sessions/sliding-expiry.ts';
import { type Verified, verifyByRpc } from '../../../src/edge/rpc.ts';
import type { Env } from '../../../src/front/settings.ts';
import { createApp, newIsolate } from '../../../src/index.ts';
import type { Contender, Seeds } from '../stage.ts';
import { TENANT, userId } from './answer.ts';

const tenantId = Number(TENANT);
const CHANGE = 'bench';

/** One device for each user, which the user may read. */
const deviceOf = (n: number): string => `BE${String(n).padStart(6, '0')}`;
const meterOf = (n: number): string => `meter-${n}`;

/**
 * Sessions with their rows and copies, as the domain writes them, and an API key that may
 * introspect.
 */
async function seed(many: number, env: Env): Promise<Seeds> {
  const issuer = new Issuer([env.TOKEN_SECRETS]);
  const now = Date.now();
  const rows = Array.from({ length: many }, (_, n) => n);
  const key = await issuer.issue('key');
  const scopes = JSON.stringify(['introspect']);
  const records = await Promise.all(
    rows.map(async (n): Promise<[token: string, record: SessionRecord]> => {
      const { id, hash, token } = await issuer.issue('ses');
      return [
        token,
        {
          id,
          tenantId,
          userId: userId(n),
          externalId: `external-${n}`,
          email: null,
          hash,
          createdAt: now,
          ...renewal(now),
          grants: [[deviceOf(n), meterOf(n), 'VIEW', null]],
          stations: [],
        },
      ];
    }),
  );
  return {
    caller: key.token,
    sessions: records.map(([token, record], n) => ({
      token,
      user: String(record.userId),
      deviceId: deviceOf(n),
    })),
    kv: records.map(([, record]) => [copyKey(record.id), JSON.stringify(record)]),
    answers: [
      [
        key.id,
        {
          rootId: key.id,
          hash: key.hash,
          scopes,
          expiresAt: null,
          inGrace: 0,
          lastUsedAt: now,
          tenantId,
          tenantName: 'Bench',
        },
      ],
    ],
    tables: {
      tenants: [{ id: tenantId, name: 'Bench', created_at: now }],
      api_keys: [
        {
          id: key.id,
          tenant_id: tenantId,
          name: 'bench',
          scopes,
          hash: key.hash,
          created_at: now,
          last_used_at: now,
        },
      ],
      users: rows.map((n) => ({
        id: userId(n),
        tenant_id: tenantId,
        external_id: `external-${n}`,
        created_at: now,
      })),
      devices: rows.map((n) => ({
        device_id: deviceOf(n),
        tenant_id: tenantId,
        meter_id: meterOf(n),
        change_id: CHANGE,
      })),
      permissions: rows.map((n) => ({
        user_id: userId(n),
        device_id: deviceOf(n),
        permission: 'VIEW',
        change_id: CHANGE,
      })),
      sessions: records.map(([, record]) => ({
        id: record.id,
        tenant_id: tenantId,
        user_id: record.userId,
        hash: record.hash,
        created_at: record.createdAt,
        renewed_at: record.renewedAt,
        renew_after: record.renewAfter,
        expires_at: record.expiresAt,
      })),
    },
  };
}

/** What a deployment must have besides, and no check asks for. */
const UNASKED = {
  ...{ WORK: {}, ASSETS: {}, CALLS: {}, CALLS_BY_TENANT: {}, REFUSALS: {} },
  ...{ TRIES_BY_ADDRESS: {}, TRIES_BY_ACCOUNT: {} },
};
let whole: Env | undefined;
const wholeOf = (env: Env): Env => {
  whole ??= { ...UNASKED, ...env };
  return whole;
};

let app = createApp(newIsolate());

/** As in an isolate that is new. */
const forget = (): void => {
  app = createApp(newIsolate());
};

/** Each check finds its token in the isolate's memory, once that has been shown to it. */
export const latchkey: Contender<Env> = {
  fetch: (request, env, context) => app.fetch(request, wholeOf(env), context),
  seed,
  forget,
};

/** How many checks an isolate lives for when each is to be its token's first. */
let life = 0;
let left = 0;

/** Each check is the first that its isolate sees of its token. */
export const latchkeyCold: Contender<Env> = {
  fetch(request, env, context) {
    if (left-- === 0) {
      forget();
      left = life;
    }
    return app.fetch(request, wholeOf(env), context);
  },
  seed(many, env) {
    // Somewhat less than all: requests that are under way together may change places.
    life = Math.floor(many * 0.9);
    return seed(many, env);
  },
};

export class TokenAuthority extends WorkerEntrypoint<Env> {
  verify(token: string, question: object): MaybePromise<Verified> {
    return verifyByRpc(app.openRpc(wholeOf(this.env), this.ctx), token, question);
  }
}
