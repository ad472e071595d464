/** People with one session and one device each, and the changes that can be made to them. */
import type { MaybePromise } from '../../../../src/base/maybe-promise.ts';
import { ensureAccess } from '../../../../src/domain/access/ensure.ts';
import type { Caller } from '../../../../src/domain/credentials.ts';
import { addDevices } from '../../../../src/domain/devices/add.ts';
import { removeDevices } from '../../../../src/domain/devices/remove.ts';
import { SCOPES } from '../../../../src/domain/entities/key.ts';
import type { DeviceQuestion } from '../../../../src/domain/entities/session.ts';
import { grantPermissions } from '../../../../src/domain/permissions/grant.ts';
import {
  withdrawAllPermissions,
  withdrawPermissions,
} from '../../../../src/domain/permissions/withdraw.ts';
import type { Call } from '../../../../src/domain/permit.ts';
import { checkToken } from '../../../../src/domain/sessions/check.ts';
import { removeSession } from '../../../../src/domain/sessions/remove.ts';
import { removeTenant } from '../../../../src/domain/tenants/tenants.ts';
import { authorize } from '../../../../src/policy/authorize.ts';
import { type Device, external, fresh, freshDeviceId, type Tenant } from '../../../world.ts';
import type { Simulation } from './isolates.ts';

export interface Person {
  tenant: Tenant;
  externalId: string;
  device: Device;
  sessionId: string;
  token: string;
  openedAt: number;
}

export const viewOf = ({ device: { deviceId } }: Person): DeviceQuestion => ({
  deviceId,
  permission: 'VIEW',
});

/** The prefix, `lk_key_`, is followed by the id. */
const idOf = (key: string): string => key.slice(7, 23);

const keyOf = ({ id, key }: Tenant): Caller => ({
  kind: 'key',
  tenantId: Number(id),
  tenantName: 'Acme',
  key: { id: idOf(key), rootId: idOf(key), scopes: SCOPES, expiresAt: null, inGrace: false },
});

const byOperator = <Doing extends 'device.add' | 'device.remove' | 'intermediary.remove'>(
  call: Call,
  doing: Doing,
  { id }: Tenant,
) => authorize(call, { kind: 'operator' }, doing, { field: 'intermediaryId', id });

/**
 * They open their apps within a few seconds; `holds`: whether one may view the device from the
 * start.
 */
export async function newPeople(
  { clock, random, isolates, quieten }: Simulation,
  tenant: Tenant,
  many: number,
  holds: () => boolean,
): Promise<Person[]> {
  const devices = Array.from({ length: many }, () => ({
    deviceId: freshDeviceId(),
    meterId: fresh('meter'),
  }));
  const adding = random
    .pick(isolates)
    .visit((call) => addDevices(byOperator(call, 'device.add', tenant), { devices }));
  await quieten();
  await adding;
  const people = devices.map(async (device): Promise<Person> => {
    const externalId = fresh('simulated');
    await clock.wait(random.between(0, 5_000, 5));
    const { result } = await random.pick(isolates).visit((call) =>
      ensureAccess(authorize(call, keyOf(tenant), 'access.ensure'), {
        userIdentifier: external(externalId),
        deviceIdentifiers: holds() ? [{ deviceId: device.deviceId }] : [],
      }),
    );
    const { id, accessToken, createdAt } = result.session;
    return { tenant, externalId, device, sessionId: id, token: accessToken, openedAt: createdAt };
  });
  await clock.run(5_000);
  await quieten();
  return Promise.all(people);
}

const named = ({ externalId, device }: Person) => ({
  userIdentifier: external(externalId),
  deviceIdentifiers: [{ deviceId: device.deviceId }],
});

export const acts = {
  grant: (call, person) =>
    grantPermissions(
      authorize(call, keyOf(person.tenant), 'permission.add'),
      'VIEW',
      named(person),
    ),
  withdrawal: (call, person) =>
    withdrawPermissions(
      authorize(call, keyOf(person.tenant), 'permission.remove'),
      'VIEW',
      named(person),
    ),
  unassignment: (call, { tenant, device: { deviceId } }) =>
    removeDevices(byOperator(call, 'device.remove', tenant), { deviceIdentifiers: [{ deviceId }] }),
  revocation: (call, { tenant, sessionId }) =>
    removeSession(authorize(call, keyOf(tenant), 'session.remove'), { sessionId }),
  /** Everybody loses the device. */
  moving: (call, { tenant, device: { deviceId } }) =>
    withdrawAllPermissions(authorize(call, keyOf(tenant), 'permission.removeAll'), {
      deviceIdentifier: { deviceId },
    }),
  /** The whole company goes. */
  removal: (call, { tenant }) => removeTenant(byOperator(call, 'intermediary.remove', tenant)),
  /** Activity: it renews where that is due. */
  renewal: (call, { token }) => checkToken(call, token, { consistency: 'FAST', activity: true }),
} satisfies Record<string, (call: Call, person: Person) => MaybePromise<unknown>>;

export type Act = keyof typeof acts;
