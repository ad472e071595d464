/**
 * Latchkey as it is deployed, with a company that has two devices, and a user who may read one of
 * them.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import { wrangler } from '../../../scripts/local.ts';
import { freshSecrets } from '../../../scripts/secrets.ts';
import { example } from '../../documents.ts';

export const MINE = 'METER001';
export const OTHER = 'METER002';

const ID = '00000000-0000-0000-0000-000000000000';
const externalUser = 'userIdentifier: { externalUser: { externalId: "someone" } }';

async function migrate(db: Awaited<ReturnType<Miniflare['getD1Database']>>): Promise<void> {
  for (const file of readdirSync('migrations').sort()) {
    if (!file.endsWith('.sql')) continue;
    const statements = readFileSync(join('migrations', file), 'utf8').split(
      '--> statement-breakpoint',
    );
    await db.batch(statements.map((statement) => db.prepare(statement)));
  }
}

/**
 * `folder`: where the bundle goes. Beside it runs the second Worker of `docs/token-checks.md`, as
 * `meters`.
 */
export async function startLatchkey(folder: string) {
  execFileSync(
    process.execPath,
    [wrangler, 'deploy', '--env', '', '--dry-run', '--outdir', folder],
    {
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    },
  );
  const bundle = readFileSync(join(folder, 'index.js'), 'utf8');
  const config = unstable_readConfig({ config: 'wrangler.toml' });
  const compatibility = {
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
  };
  const ratelimits = Object.fromEntries(
    config.ratelimits.map((limit: { name: string }) => [limit.name, limit]),
  );
  const secrets = freshSecrets();
  const workers = (tenantId: string) =>
    convertV4MiniflareOptions({
      workers: [
        {
          name: 'latchkey',
          ...compatibility,
          modules: [{ type: 'ESModule', path: 'index.js', contents: bundle }],
          d1Databases: { DB: ID },
          kvNamespaces: { SESSIONS: ID },
          queueProducers: { WORK: 'work' },
          ratelimits,
          serviceBindings: { ASSETS: () => new Response(null, { status: 404 }) },
          bindings: secrets,
        },
        {
          name: 'meters',
          ...compatibility,
          modules: true,
          script: example('js', 'LATCHKEY'),
          bindings: { TENANT: tenantId },
          serviceBindings: { LATCHKEY: { name: 'latchkey', entrypoint: 'TokenAuthority' } },
        },
      ],
    });
  const miniflare = new Miniflare(workers(''));
  let url = await miniflare.ready;
  await migrate(await miniflare.getD1Database('DB', 'latchkey'));

  async function graphql(credential: string, query: string) {
    const response = await fetch(new URL('/graphql', url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
      body: JSON.stringify({ query }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are picked from, field by field.
    const { data, errors } = (await response.json()) as any;
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data)[0] as Record<string, Record<string, string>> & { secret: string };
  }

  async function newTenant(): Promise<{ id: string; key: string }> {
    const { intermediary, secret } = await graphql(
      secrets.OPERATOR_KEY,
      'mutation { addIntermediary(input: { name: "Acme" }) { intermediary { id } secret } }',
    );
    return { id: intermediary?.id ?? '', key: secret };
  }

  async function newSession(by: string): Promise<{ user: string; accessToken: string }> {
    const { user, session } = await graphql(
      by,
      `mutation { ensureUserAccess(input: { ${externalUser} }) { user { id } session { ` +
        'accessToken } } }',
    );
    return { user: user?.id ?? '', accessToken: session?.accessToken ?? '' };
  }

  const { id: tenant, key } = await newTenant();
  await graphql(
    secrets.OPERATOR_KEY,
    `mutation { addDevices(input: { intermediaryId: "${tenant}", devices: [{ deviceId: ` +
      `"${MINE}", meterId: "m1" }, { deviceId: "${OTHER}", meterId: "m2" }] }) { success } }`,
  );
  const { user, accessToken: token } = await newSession(key);
  await graphql(
    key,
    `mutation { addDevicePermissions(input: { ${externalUser}, deviceIdentifiers: [{ ` +
      `deviceId: "${MINE}" }] }) { success } }`,
  );
  const strangers = (await newSession((await newTenant()).key)).accessToken;
  await miniflare.setOptions(workers(tenant));
  url = await miniflare.ready;
  return { miniflare, port: Number(url.port), tenant, key, user, token, strangers };
}

export type Latchkey = Awaited<ReturnType<typeof startLatchkey>>;
