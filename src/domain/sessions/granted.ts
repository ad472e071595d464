/**
 * Questions about users with more grants or stations than a record holds. D1 answers all of them at
 * once.
 */
import { type SQL, sql } from 'drizzle-orm';
import { p, s, source, st, u, us } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { select } from '../../db/statements.ts';
import { resolveDevices } from '../entities/device.ts';
import { running } from '../entities/permission.ts';
import type { Granted, Question } from '../entities/session.ts';
import { mayUse } from '../entities/support.ts';
import type { UserQuestion } from '../isolate.ts';

/**
 * A question that is answered with yes, by its position, and the device that it is about, if any.
 */
interface Yes {
  at: number;
  deviceId: string | null;
}

/** What was granted. */
export const grantedBy = (question: Question, { deviceId }: Yes): Granted =>
  'stationId' in question
    ? { stationId: question.stationId }
    : { deviceId: deviceId ?? '', permission: question.permission };

/** Whose rights are meant. The session may have less than its user. */
interface Whose extends Omit<UserQuestion, 'question'> {
  sessionId: string;
}

/** Whether the session may use a permission of this kind. */
const isUsable = ({ sessionId }: Whose, kind: SQL): SQL => sql`EXISTS (
  SELECT 1 FROM ${source(s)} WHERE ${s.id} = ${sessionId} AND ${mayUse(kind)})`;

/**
 * Selects the questions that are answered with yes: one statement for each kind.
 * `now`: in epoch milliseconds.
 */
export function selectGranted(whose: Whose, questions: Question[], now: number): Statement<Yes>[] {
  const stations: object[] = [];
  const devices: object[] = [];
  questions.forEach((question, at) => {
    if ('stationId' in question) stations.push({ at, s: question.stationId });
    else {
      const { deviceId, meterId, permission } = question;
      devices.push({ at, p: permission, ...(deviceId == null ? { m: meterId } : { d: deviceId }) });
    }
  });
  return [
    ...(stations.length === 0 ? [] : [selectSeen(whose, JSON.stringify(stations))]),
    ...(devices.length === 0 ? [] : [selectHeld(whose, JSON.stringify(devices), now)]),
  ];
}

const selectSeen = (whose: Whose, list: string): Statement<Yes> =>
  select(
    { at: sql<number>`j.value->>'at'`, deviceId: sql<null>`NULL` },
    sql`FROM json_each(${list}) j CROSS JOIN ${source(st)} ON ${st.id} = j.value->>'s'
      CROSS JOIN ${source(u)} ON ${u.id} = ${whose.userId}
      WHERE ${isUsable(whose, sql`'VIEW'`)}
        AND ${st.tenantId} = ${whose.tenantId} AND ${u.tenantId} = ${st.tenantId}
        AND (${u.memberLevel} = 1 OR EXISTS (
          SELECT 1 FROM ${source(us)}
          WHERE ${us.userId} = ${u.id} AND ${us.stationId} = ${st.id}))`,
  );

const selectHeld = (whose: Whose, list: string, now: number): Statement<Yes> =>
  select(
    { at: sql<number>`r.value->>'at'`, deviceId: sql<string>`r.dev` },
    sql`FROM (${resolveDevices(whose.tenantId, sql`${list}`)}) r
      WHERE ${isUsable(whose, sql`r.value->>'p'`)} AND EXISTS (
        SELECT 1 FROM ${source(p)}
        WHERE ${p.userId} = ${whose.userId} AND ${p.deviceId} = r.dev
          AND ${p.permission} = r.value->>'p' AND ${running(now)})`,
  );
