/** Rules that the domain enforces itself, although no face can break them. */
import { expect, it } from 'vitest';
import { Issuer } from '../../../src/base/issuer.ts';
import { Signer } from '../../../src/base/signer.ts';
import { connect } from '../../../src/db/connect.ts';
import type { Call } from '../../../src/domain/permit.ts';
import { userById } from '../../../src/domain/users/find.ts';
import { newIsolate } from '../../../src/index.ts';
import { authorize } from '../../../src/policy/authorize.ts';
import { env, newTenant, newUser, newWorld } from '../../world.ts';

it('a user is found by id within the Permit’s tenant only', async () => {
  const world = newWorld();
  const tenant = await newTenant(world);
  const user = await newUser(world, tenant);
  const call: Call = {
    requestId: 'test',
    now: Date.now(),
    db: connect(env.DB),
    kv: env.SESSIONS,
    work: env.WORK,
    mail: undefined,
    assets: env.ASSETS,
    budget: { writes: 0 },
    client: null,
    isolate: newIsolate(),
    issuer: new Issuer([env.TOKEN_SECRETS]),
    signer: new Signer([env.SIGNING_SECRETS]),
    webhookUrls: { own: [], insecure: true },
    relyingParty: null,
    degrade() {},
    defer: () => {},
  };
  const by = (tenantId: number) =>
    authorize(
      call,
      {
        kind: 'key',
        tenantId,
        tenantName: 'x',
        key: { id: 'x', rootId: 'x', scopes: ['users:read'], expiresAt: null, inGrace: false },
      },
      'user.read',
    );
  const id = Number(user.id);
  expect((await userById(by(Number(tenant.id)), id))?.externalId).toBe(user.externalId);
  expect(await userById(by(Number(tenant.id) + 1), id)).toBeNull();
});
