/**
 * `/console/factors`: the second factors of whoever is signed in to the console, or enrols. Only
 * there: a stolen access token must not lock its owner out.
 */
import { Hono } from 'hono';
import * as v from 'valibot';
import { codeInput, type OwnFactors, ownFactors } from '../domain/factors/own.ts';
import { renewRecoveryCodes } from '../domain/factors/renew-codes.ts';
import { replaceInput, replaceTotp } from '../domain/factors/replace-totp.ts';
import { beginTotp, confirmTotp, removeTotp } from '../domain/factors/totp.ts';
import type { Call } from '../domain/permit.ts';
import type { FaceEnv } from '../policy/request-context.ts';
import { cookieFor, type PageCall, pageCall } from './console-call.ts';
import { consolePasskeys, serializePasskey } from './console-passkeys.ts';
import { timeOf } from './serializers.ts';
import { limited, rateLimited } from './serve.ts';

const serializeFactors = (
  { totp, passkeys, recoveryCodesLeft, isRequired }: OwnFactors,
  { relyingParty }: Call,
) => ({
  totp: totp && { created_at: timeOf(totp.createdAt) },
  passkeys: passkeys.map(serializePasskey),
  recovery_codes_left: recoveryCodesLeft,
  required: isRequired,
  fits_passkeys: relyingParty !== null,
});

/** Codes are tried within the limits of passwords, besides being counted. */
const limitTries = async ({ limitAddress, limitAccount }: PageCall, userId: number | null) => {
  await limitAddress();
  await limitAccount(`user ${userId}`);
};

const nothing = v.object({});

export const consoleFactors = new Hono<FaceEnv>()
  .use('/console/factors/*', rateLimited, limited)
  .get(
    '/console/factors',
    pageCall('member.readOwnFactors', undefined, async (permit) => ({
      data: serializeFactors(await ownFactors(permit), permit.call),
    })),
  )
  .post(
    '/console/factors/totp',
    pageCall('member.addFactor', nothing, async (permit) => ({ data: await beginTotp(permit) })),
  )
  .post(
    '/console/factors/totp/confirm',
    pageCall('member.addFactor', codeInput, async (permit, asked) => {
      await limitTries(asked, permit.actor.userId);
      const { recoveryCodes, cookie } = await confirmTotp(permit, asked.body);
      return {
        data: { recovery_codes: recoveryCodes },
        headers: cookieFor(asked.context, cookie),
      };
    }),
  )
  .put(
    '/console/factors/totp',
    pageCall('member.addFactor', replaceInput, async (permit, asked) => {
      await limitTries(asked, permit.actor.userId);
      await replaceTotp(permit, asked.body);
      return { data: {} };
    }),
  )
  .delete(
    '/console/factors/totp',
    pageCall('member.removeFactor', codeInput, async (permit, asked) => {
      await limitTries(asked, permit.actor.userId);
      await removeTotp(permit, asked.body);
      return { data: {} };
    }),
  )
  .post(
    '/console/factors/recovery-codes',
    pageCall('member.renewRecoveryCodes', codeInput, async (permit, asked) => {
      await limitTries(asked, permit.actor.userId);
      const { recoveryCodes } = await renewRecoveryCodes(permit, asked.body);
      return { data: { recovery_codes: recoveryCodes } };
    }),
  )
  .route('/', consolePasskeys);
