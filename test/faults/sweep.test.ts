/**
 * Work that died: behind an answer, a later request or the sweep makes up for it; the sweep itself,
 * the next one.
 */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { newStores, WAYS } from '../doubles/stores.ts';
import { callOf, env } from '../world.ts';
import { type Base, newBase } from './base.ts';
import { hasten, newApp, send, sweep } from './run.ts';
import { compare, judgeCopies, readState, restore, type State } from './state.ts';

const DAY = 86_400_000;

let base: Base;
let start: State;

beforeAll(async () => {
  base = await newBase();
  start = await readState();
  hasten();
});

/**
 * More than a slice of ended sessions, every other for longer than they are kept, and some of
 * everything else that a sweep is for.
 */
async function litter(): Promise<void> {
  const { session, held, tenant } = base;
  const now = Date.now();
  const run = (sql: string, ...values: unknown[]) =>
    env.DB.prepare(sql)
      .bind(...values)
      .run();
  const copy = (await env.SESSIONS.get(`ses:${session.id}`)) ?? '';
  await run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
     INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
     expires_at, revoked_at)
     SELECT 'ended-' || printf('%03d', i), tenant_id, user_id, '', 0, 0, 0, ?, iif(i % 2, ?, ?) FROM
     n, sessions WHERE id = ?`,
    ...[now + DAY, now - 8 * DAY, now - DAY, session.id],
  );
  for (const id of ['001', '002', '119', '120']) await env.SESSIONS.put(`ses:ended-${id}`, copy);
  await env.SESSIONS.put(`ses:${session.id}`, copy.replace(/"grants":.*?\]\]/, '"grants":[]'));
  await run(
    'UPDATE permissions SET expires_at = ? WHERE device_id = ?',
    now - 8 * DAY,
    held.deviceId,
  );
  // Another that has run out, and one that somebody ended and then died.
  const lived = [now - 2 * DAY, now - 2 * DAY, now - DAY, now - 60_000];
  await run(
    `INSERT INTO sessions (id, tenant_id, user_id, hash, created_at, renewed_at, renew_after,
      expires_at)
     SELECT 'run-out', tenant_id, user_id, '', ?, ?, ?, ? FROM sessions WHERE id = ?`,
    ...[...lived, session.id],
  );
  await run(
    "INSERT INTO withdrawals (tenant_id, id, cause, sessions) VALUES (?, '0session000000', " +
      `'session', '["ended-004"]')`,
    Number(tenant.id),
  );
  await env.SESSIONS.put('ses:ended-004', copy);
  await run(
    'INSERT INTO audit_events (number, tenant_id, actor_kind, action, subject, request_id) ' +
      "VALUES (1, ?, 'OPERATOR', 'test.old', '{}', '')",
    Number(tenant.id),
  );
}

describe('work behind an answer that was never done is made up for', () => {
  const check = (question = '', stores = newStores()) =>
    send(
      newApp(),
      stores,
      new Request(`http://latchkey.test/verify/${base.tenant.id}${question}`, {
        headers: { Authorization: `Bearer ${base.session.accessToken}` },
      }),
    );
  const yes = { status: 204 };

  it('by a check, where the copy is missing', async () => {
    await restore(start);
    await env.SESSIONS.delete(`ses:${base.session.id}`);
    expect(await check()).toMatchObject(yes);
    expect(judgeCopies(await readState())).toEqual({ wrong: [], missing: [] });
  });

  it('by a check, where the copy does not know of a grant', async () => {
    await restore(start);
    const { key, user, free, session } = base;
    const { deviceId } = free;
    const input = { userIdentifier: user.identifier, deviceIdentifiers: [{ deviceId }] };
    const mortal = newStores();
    const body = JSON.stringify({ query: callOf('addDevicePermissions'), variables: { input } });
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const request = new Request('http://latchkey.test/graphql', { method: 'POST', headers, body });
    await send(newApp(), mortal, request, mortal.die);
    expect(judgeCopies(await readState()).wrong).toContain(`ses:${session.id}`);
    expect(await check(`?device=${deviceId}`)).toMatchObject(yes);
    expect(judgeCopies(await readState()).wrong).not.toContain(`ses:${session.id}`);
  });

  it('by the next check, where a renewal failed at any of its calls', async () => {
    await restore(start);
    await env.DB.prepare('UPDATE sessions SET renew_after = 1 WHERE id = ?')
      .bind(base.session.id)
      .run();
    await sweep();
    const due = await readState();
    const clean = newStores();
    await check('', clean);
    expect(clean.calls.length).toBeGreaterThan(3);
    for (const at of clean.calls.keys()) {
      for (const way of WAYS) {
        const why = `call ${at + 1}, ${clean.calls[at]}, fails ${way} it takes effect`;
        await restore(due);
        expect(await check('', newStores({ at: at + 1, way })), why).toMatchObject(yes);
        expect(await check(), why).toMatchObject(yes);
        const state = await readState();
        expect(judgeCopies(state), why).toEqual({ wrong: [], missing: [] });
        const session = state.rows.sessions?.find(({ id }) => id === base.session.id);
        expect(session?.renew_after, why).toBeGreaterThan(Date.now());
      }
    }
  });
});

describe('the sweep', () => {
  it('ends the same, whichever call to a store it dies at', async () => {
    await restore(start);
    await litter();
    const littered = await readState();
    const known = JSON.stringify(littered.rows);
    const look = async () => {
      const state = await readState();
      const { copies, truth } = state;
      return { copies, truth, rows: compare(state.rows, known), ...judgeCopies(state) };
    };
    expect((await look()).wrong.length).toBeGreaterThan(4);
    const clean = newStores();
    await sweep(clean);
    await sweep();
    const swept = await look();
    expect(swept).toMatchObject({ wrong: [], missing: [] });
    expect(swept.rows.sessions).toHaveLength((littered.rows.sessions?.length ?? 0) - 60);
    expect(swept.rows.permissions).toEqual([]);
    // One went, three came: of two permissions that ended, and of the session that ran out.
    expect(swept.rows.audit_events).toHaveLength((littered.rows.audit_events?.length ?? 0) + 2);
    expect((await readState()).rows.withdrawals).toEqual([]);

    for (const at of clean.calls.keys()) {
      for (const way of WAYS) {
        const why = `the last call, ${at + 1}, ${clean.calls[at]}, fails ${way} it takes effect`;
        await restore(littered);
        await sweep(newStores({ at: at + 1, way, isDeath: true }));
        // The next goes on from there: only rows whose copies were left wait for one more round.
        await sweep();
        let then = await look();
        const { sessions = [] } = then.rows;
        expect(sessions.length, why).toBeLessThanOrEqual((swept.rows.sessions?.length ?? 0) + 2);
        for (let more = 0; more < 2 && !isDeepStrictEqual(then, swept); more++) {
          await sweep();
          then = await look();
        }
        expect(then, why).toEqual(swept);
      }
    }
    console.info(
      `The sweep: ${clean.calls.length} steps, ${clean.calls.length * WAYS.length} faults`,
    );
  }, 60_000);
});
