/** What users may who have more grants or stations than a record carries: asked of D1, all questions at once. */
import { sql } from 'drizzle-orm';
import { type Statement, statement } from '../../db/connect.ts';
import { resolveDevices } from '../devices/device.ts';
import { running } from '../permissions/permission.ts';
import type { Granted, Question } from './record.ts';

/** A question about a user. */
export interface Named {
  userId: number;
  tenantId: number;
  question: Question;
}

/** A question, by its place in the list, that is answered with yes; the device that it is about, if any. */
interface Yes {
  at: number;
  deviceId: string | null;
}

/** What a yes says. */
export const grantedBy = (question: Question, { deviceId }: Yes): Granted =>
  'stationId' in question
    ? { stationId: question.stationId }
    : { deviceId: deviceId ?? '', permission: question.permission };

/** The questions that are answered with yes: one statement for each kind of question. */
export function selectGranted(
  { userId, tenantId }: Omit<Named, 'question'>,
  questions: Question[],
  now: number,
): Statement<Yes>[] {
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
    ...(stations.length === 0 ? [] : [selectSeen(userId, tenantId, JSON.stringify(stations))]),
    ...(devices.length === 0 ? [] : [selectHeld(userId, tenantId, JSON.stringify(devices), now)]),
  ];
}

const selectSeen = (userId: number, tenantId: number, list: string) =>
  statement<Yes>(sql`
    SELECT j.value->>'at' AS at, NULL AS deviceId FROM json_each(${list}) j
    CROSS JOIN stations st ON st.id = j.value->>'s' CROSS JOIN users u ON u.id = ${userId}
    WHERE st.tenant_id = ${tenantId} AND u.tenant_id = st.tenant_id AND (u.member_level = 1 OR EXISTS (
      SELECT 1 FROM user_stations us WHERE us.user_id = u.id AND us.station_id = st.id))`);

const selectHeld = (userId: number, tenantId: number, list: string, now: number) =>
  statement<Yes>(sql`
    SELECT r.value->>'at' AS at, r.dev AS deviceId FROM (${resolveDevices(tenantId, sql`${list}`)}) r
    WHERE EXISTS (
      SELECT 1 FROM permissions p
      WHERE p.user_id = ${userId} AND p.device_id = r.dev AND p.permission = r.value->>'p' AND ${running(now)})`);
