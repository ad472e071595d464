/** Sets up who sends hostile requests. */
import { newStaff } from '../rest/company.ts';
import { newDevice, newSession, newUser, type Tenant, type World } from '../world.ts';
import type { Sender } from './hostile.ts';

export async function newSender(world: World, tenant: Tenant): Promise<Sender> {
  const user = await newUser(world, tenant);
  return {
    key: tenant.key,
    session: (await newSession(world, tenant, user.identifier)).accessToken,
    staff: (await newStaff(world, tenant, 1)).token,
    clientId: tenant.id,
    externalId: user.identifier.externalUser.externalId,
    deviceId: (await newDevice(world, tenant)).deviceId,
  };
}
