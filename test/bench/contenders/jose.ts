/**
 * A signed token that says it all itself. Its key is imported once; nothing can revoke it before
 * its end.
 */
import { Hono } from 'hono';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Contender, Seeds } from '../stage.ts';
import { accepted, bearer, LIFETIME_MS, refused, TENANT, userId } from './answer.ts';

type Algorithm = 'HS256' | 'ES256';

interface Keys {
  sign: CryptoKey;
  verify: CryptoKey;
}

async function newKeys(algorithm: Algorithm): Promise<Keys> {
  if (algorithm === 'HS256') {
    const name = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.generateKey(name, false, ['sign', 'verify']);
    return { sign: key as CryptoKey, verify: key as CryptoKey };
  }
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = (await crypto.subtle.generateKey(curve, false, ['sign', 'verify'])) as CryptoKeyPair;
  return { sign: pair.privateKey, verify: pair.publicKey };
}

async function read(token: string, key: CryptoKey, alg: Algorithm): Promise<JWTPayload | null> {
  try {
    return (await jwtVerify(token, key, { algorithms: [alg] })).payload;
  } catch {
    return null;
  }
}

function signed(algorithm: Algorithm): Contender<object> {
  // Not at the start: workerd makes no random numbers outside of requests.
  let keys: Keys | undefined;

  const app = new Hono().get('/verify/:tenant', async ({ req }) => {
    keys ??= await newKeys(algorithm);
    const payload = await read(bearer(req.header('Authorization')), keys.verify, algorithm);
    const { sub, exp, tenant } = payload ?? {};
    if (!sub || !exp || tenant !== req.param('tenant')) return refused();
    return accepted({ user: sub, tenant, expiresAt: exp * 1000 });
  });

  async function seed(many: number): Promise<Seeds> {
    keys ??= await newKeys(algorithm);
    const sessions: Seeds['sessions'] = [];
    for (let n = 0; n < many; n++) {
      const user = String(userId(n));
      const token = await new SignJWT({ tenant: TENANT })
        .setProtectedHeader({ alg: algorithm })
        .setSubject(user)
        .setIssuedAt()
        .setExpirationTime(new Date(Date.now() + LIFETIME_MS))
        .sign(keys.sign);
      sessions.push({ token, user });
    }
    return { sessions };
  }

  return { fetch: app.fetch, seed };
}

export const hs256 = signed('HS256');
export const es256 = signed('ES256');
