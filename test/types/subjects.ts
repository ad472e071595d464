/**
 * What must not compile: an event whose subject is not what the table of events says of its action.
 */
import { sql } from 'drizzle-orm';
import { o, p, pr, st, u } from '../../src/db/aliases.ts';
import { event, type Origin } from '../../src/db/commit.ts';
import { jsonBoolean, jsonList, jsonListOf } from '../../src/db/subjects.ts';

declare const origin: Origin;
declare const some: 'station.add' | 'station.remove';
declare const from: ReturnType<typeof sql>;

const grant = { permission: p.permission, deviceIds: jsonList(p.deviceId) };
const suspension = { suspended: jsonBoolean(sql``), externalIdChanged: false };
const project = { projectId: pr.id };
const order = { orderId: o.orderId, deviceIds: sql<string[]>`` };
const station = { projectId: st.projectId, stationIds: jsonListOf(st.id) };

export const right = [
  () => event(origin, { action: 'user.add', user: u.id }, from),
  () => event(origin, { action: 'user.update', subject: suspension }, from),
  () => event(origin, { action: 'permission.add', subject: { ...grant, expiresAt: null } }, from),
  () => event(origin, { action: some, subject: station, fields: ['name'] }, from),
  () => event(origin, { action: 'order.add', subject: { ...order, orderStatus: o.status } }, from),
];

// @ts-expect-error an action that tells something, without a subject
export const without = () => event(origin, { action: 'user.update' }, from);

export const another = () =>
  // @ts-expect-error a name that another action tells
  event(origin, { action: 'project.remove', subject: { projectId: pr.id, count: 1 } }, from);

export const half = () =>
  // @ts-expect-error a name is missing
  event(origin, { action: 'permission.add', subject: grant }, from);

export const text = () =>
  // @ts-expect-error a column of another type
  event(origin, { action: 'project.remove', subject: { projectId: pr.name } }, from);

export const nullable = () =>
  // @ts-expect-error a column that may be null
  event(origin, { action: 'device.add', subject: { deviceIds: jsonListOf(o.deviceId) } }, from);

export const status = () =>
  // @ts-expect-error a column with other words
  event(origin, { action: 'order.add', subject: { ...order, orderStatus: o.orderId } }, from);

export const fields = () =>
  // @ts-expect-error an action that tells no fields
  event(origin, { action: 'project.remove', subject: project, fields: ['name'] }, from);
