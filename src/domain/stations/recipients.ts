/** The recipients of alarms at a station. */
import { sql } from 'drizzle-orm';
import { Refusal } from '../../base/faults.ts';
import { aliased, source, st, u, us } from '../../db/aliases.ts';
import { users } from '../../db/schema.ts';
import { type RowOf, select } from '../../db/statements.ts';
import { notFound, visibleStations } from '../callers/visibility.ts';
import { shownEmail } from '../entities/user.ts';
import type { Permit } from '../permit.ts';

/** The addresses for alarms. Null: the user does not want alarms there. */
const columns = {
  userId: u.id,
  name: u.name,
  email: sql<string | null>`iif(${u.alarmEmail}, ${shownEmail}, NULL)`,
  sms: sql<string | null>`iif(${u.alarmSms}, ${u.sms}, NULL)`,
  phone: sql<string | null>`iif(${u.alarmVoice}, ${u.phone}, NULL)`,
};

export type Recipient = RowOf<typeof columns>;

const first = aliased(users, 'first');

/**
 * Lists active users with access to the station, including level 1, who want alarms in at least one
 * way. Throws NOT_FOUND for a station that the caller does not see.
 */
export async function listRecipients(
  permit: Permit<'station.listRecipients'>,
  id: number,
): Promise<Recipient[]> {
  const station = sql`FROM ${source(st)} WHERE ${st.id} = ${id} AND ${visibleStations(permit)}`;
  const assigned = sql`
    SELECT ${us.userId} FROM ${source(us)} WHERE ${us.stationId} IN (SELECT ${st.id} ${station})`;
  const firsts = sql`
    SELECT ${first.id} FROM ${source(first)}
    WHERE ${first.tenantId} IN (SELECT ${st.tenantId} ${station}) AND ${first.memberLevel} = 1`;
  const { db } = permit;
  const [[found], recipients] = await Promise.all([
    db.read(select({ id: st.id }, station)),
    db.read(
      select(
        columns,
        sql`FROM ${source(u)}
          WHERE ${u.id} IN (${assigned} UNION ${firsts}) AND ${u.suspendedAt} IS NULL
            AND (${u.alarmEmail} OR ${u.alarmSms} OR ${u.alarmVoice})
          ORDER BY ${u.id}`,
      ),
    ),
  ]);
  if (!found) throw new Refusal(notFound('station'));
  return recipients;
}
