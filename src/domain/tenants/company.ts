/** What a company decides for itself: how its members sign in, and what support may do. */
import { type SQL, sql } from 'drizzle-orm';
import * as v from 'valibot';
import { refuseAny, unauthenticated } from '../../base/faults.ts';
import { parse } from '../../base/text.ts';
import { aliased, s, source, t, u } from '../../db/aliases.ts';
import { event, orElse, sentFields } from '../../db/commit.ts';
import type { Statement } from '../../db/connect.ts';
import { complaintsOf, type Guard, passes, selectVerdicts } from '../../db/guards.ts';
import { users } from '../../db/schema.ts';
import { differ, type RowOf, select, update } from '../../db/statements.ts';
import { hasFactor, isWithFactor } from '../entities/factor.ts';
import { PERMISSION_KINDS, type PermissionKind } from '../entities/permission.ts';
import { allowedSupport, readPermissions, USUAL_PERMISSIONS } from '../entities/support.ts';
import type { Tenant } from '../entities/tenant.ts';
import type { Permit } from '../permit.ts';
import { endedEvent, withdrawSessions } from '../sessions/end.ts';
import { endSupportBeyond, publishSupportEnds } from '../sessions/end-support.ts';
import { publishEnds } from '../sessions/publish.ts';

const input = v.object({
  requireSecondFactor: v.nullish(v.boolean()),
  supportPermissions: v.nullish(
    v.pipe(
      v.array(v.picklist(PERMISSION_KINDS)),
      v.transform((given) => PERMISSION_KINDS.filter((kind) => given.includes(kind))),
    ),
  ),
});

export interface CompanyRules {
  requireSecondFactor: boolean;
  supportPermissions: readonly PermissionKind[];
}

const columns = { id: t.id, required: t.requireSecondFactor, support: t.supportPermissions };

const toRules = ({ required, support }: RowOf<typeof columns>): CompanyRules => ({
  requireSecondFactor: required === 1,
  supportPermissions: support === null ? USUAL_PERMISSIONS : readPermissions(support),
});

const rulesById = (ids: string): Statement<RowOf<typeof columns>> =>
  select(columns, sql`FROM ${source(t)} WHERE ${t.id} IN (SELECT value FROM json_each(${ids}))`);

/** The rules of a company. Callers other than the operator only learn about their own. */
export async function companyRules(
  permit: Permit<'intermediary.tell'>,
  { id }: Tenant,
): Promise<CompanyRules> {
  const asked = permit.caller.kind === 'operator' ? id : permit.tenantId;
  const row = await permit.db.lookup(rulesById, asked);
  if (!row) throw unauthenticated(true);
  return toRules(row);
}

const officer = aliased(users, 'officer');

/** Otherwise everybody could be locked out, whoever could change this again as well. */
const nobodyIsReady = (wanted: SQL): Guard => ({
  when: sql`${wanted} = 1 AND ${t.requireSecondFactor} = 0 AND NOT EXISTS (
    SELECT 1 FROM ${source(officer)}
    WHERE ${officer.tenantId} = ${t.id} AND ${officer.memberLevel} = 1
      AND ${officer.suspendedAt} IS NULL AND ${hasFactor(officer.id)})`,
  complaint: {
    code: 'FORBIDDEN',
    path: ['requireSecondFactor'],
    message:
      'No active member of level 1 has a second factor yet. Add one to your account in the ' +
      'console first.',
  },
});

/**
 * Changes the rules of the caller’s company. Fields that are left out stay. Requiring second
 * factors ends all sessions of members that were opened without one, the caller’s too. Allowing
 * support less ends the support sessions that may do more. Throws FORBIDDEN if no active member of
 * level 1 has a factor.
 */
export async function updateCompany(
  permit: Permit<'company.update'>,
  raw: {
    requireSecondFactor?: boolean | null | undefined;
    supportPermissions?: readonly PermissionKind[] | null | undefined;
  },
): Promise<{ intermediary: Tenant }> {
  const { tenantId, call } = permit;
  const { requireSecondFactor: required, supportPermissions: support } = parse(input, raw);
  const wanted = {
    requireSecondFactor: required == null ? undefined : required ? (1 as const) : (0 as const),
    supportPermissions: support == null ? undefined : JSON.stringify(support),
  };
  const guards = [nobodyIsReady(orElse(wanted.requireSecondFactor, t.requireSecondFactor))];
  const picked = sql`${t.id} = ${tenantId} AND ${t.removedAt} IS NULL`;
  const changing = sql`${picked} AND ${passes(guards)} AND ${differ(t, wanted)}`;
  const begins = sql`EXISTS (SELECT 1 FROM ${source(t)} WHERE ${changing}
    AND ${wanted.requireSecondFactor === 1 ? 1 : 0} AND ${t.requireSecondFactor} = 0)`;
  const lacking = sql`${s.userId} IN (
      SELECT ${u.id} FROM ${source(u)}
      WHERE ${u.tenantId} = ${tenantId} AND ${u.email} IS NOT NULL AND ${begins})
    AND NOT ${isWithFactor}`;
  const lessens =
    wanted.supportPermissions === undefined
      ? sql`0`
      : sql`EXISTS (
          SELECT 1 FROM ${source(t)}, json_each(${allowedSupport}) j
          WHERE ${picked} AND j.value NOT IN (
            SELECT w.value FROM json_each(${wanted.supportPermissions}) w))`;
  const db = permit.endingIf(sql`${begins} OR ${lessens}`);
  const { verdicts, ended, withdrawn, company, ...rest } = await db.batch({
    verdicts: selectVerdicts(guards, sql`FROM ${source(t)} WHERE ${picked}`),
    event: event(
      permit,
      { action: permit.action, fields: sentFields(raw, wanted) },
      sql`FROM ${source(t)} WHERE ${changing}`,
    ),
    sessionEvents: endedEvent(permit, 'session.removeAll', lacking),
    ...withdrawSessions(permit, 'session', lacking),
    ...(support == null
      ? {}
      : endSupportBeyond(
          permit,
          support,
          sql`EXISTS (SELECT 1 FROM ${source(t)} WHERE ${picked} AND ${passes(guards)})`,
        )),
    change: update(t, wanted, sql`WHERE ${changing}`),
    company: select({ id: t.id, name: t.name }, sql`FROM ${source(t)} WHERE ${picked}`),
  });
  refuseAny(complaintsOf(guards, verdicts));
  const [intermediary] = company;
  if (!intermediary) throw unauthenticated(true);
  publishEnds(call, ended, withdrawn);
  publishSupportEnds(call, rest);
  return { intermediary };
}
