/** `/console/factors/passkeys`: the passkeys of whoever is signed in to the console, or enrols. */
import { Hono } from 'hono';
import * as v from 'valibot';
import { addPasskey, askForNewPasskey, newPasskeyInput } from '../domain/passkeys/add.ts';
import { removePasskey, renamePasskey, renamePasskeyInput } from '../domain/passkeys/change.ts';
import type { Passkey } from '../domain/passkeys/passkey.ts';
import type { FaceEnv } from '../policy/request-context.ts';
import { cookieFor, pageCall } from './console-call.ts';
import { timeOf } from './serializers.ts';

export const serializePasskey = ({ id, name, createdAt, lastUsedAt }: Passkey) => ({
  ...{ id, name, created_at: timeOf(createdAt) },
  last_used_at: lastUsedAt === null ? null : timeOf(lastUsedAt),
});

const nothing = v.object({});

export const consolePasskeys = new Hono<FaceEnv>()
  .post(
    '/console/factors/passkeys/challenge',
    pageCall('member.addFactor', nothing, async (permit) => ({
      data: await askForNewPasskey(permit),
    })),
  )
  .post(
    '/console/factors/passkeys',
    pageCall('member.addFactor', newPasskeyInput, async (permit, { body, context }) => {
      const { passkey, recoveryCodes, cookie } = await addPasskey(permit, body);
      return {
        data: { passkey: serializePasskey(passkey), recovery_codes: recoveryCodes },
        headers: cookieFor(context, cookie),
      };
    }),
  )
  .patch(
    '/console/factors/passkeys/:id',
    pageCall('member.renamePasskey', renamePasskeyInput, async (permit, { param, body }) => ({
      data: { passkey: serializePasskey(await renamePasskey(permit, param('id'), body)) },
    })),
  )
  .delete(
    '/console/factors/passkeys/:id',
    pageCall('member.removePasskey', nothing, async (permit, { param }) => {
      await removePasskey(permit, param('id'));
      return { data: {} };
    }),
  );
