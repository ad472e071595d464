/** Who is told of an alarm at a station. */
import { sql } from 'drizzle-orm';
import { Refusal } from '../../base/faults.ts';
import { statement } from '../../db/connect.ts';
import type { Permit } from '../permit.ts';
import { shownEmail } from '../users/user.ts';
import { seen, unknown } from './sight.ts';

export interface Recipient {
  userId: number;
  name: string | null;
  /** Null: the user does not want it there. */
  email: string | null;
  sms: string | null;
  phone: string | null;
}

/** Active users with access to the station, level 1 among them, who want to be told in at least one way. */
export async function listRecipients(
  permit: Permit<'station.listRecipients'>,
  id: number,
): Promise<Recipient[]> {
  const station = sql`SELECT st.id, st.tenant_id FROM stations st WHERE st.id = ${id} AND ${seen(permit)}`;
  const { db } = permit;
  const [[found], recipients] = await Promise.all([
    db.read(statement(station)),
    db.read(
      statement<Recipient>(sql`
        SELECT u.id AS userId, u.name, iif(u.alarm_email, ${shownEmail}, NULL) AS email, iif(u.alarm_sms, u.sms, NULL) AS sms,
          iif(u.alarm_voice, u.phone, NULL) AS phone
        FROM users u
        WHERE u.id IN (
            SELECT user_id FROM user_stations WHERE station_id IN (SELECT id FROM (${station}))
            UNION SELECT id FROM users WHERE tenant_id IN (SELECT tenant_id FROM (${station})) AND member_level = 1)
          AND u.suspended_at IS NULL AND (u.alarm_email OR u.alarm_sms OR u.alarm_voice)
        ORDER BY u.id`),
    ),
  ]);
  if (!found) throw new Refusal(unknown('station'));
  return recipients;
}
