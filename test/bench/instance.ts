/** A contender in a workerd of its own: bundled, started, filled with sessions, and asked. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare';
import { bundleCaller, bundleStaged } from './bundle.ts';
import type { Contender, Sign } from './contender.ts';
import { children, cpuOf } from './cpu.ts';
import { answerTo, HOST, requestText } from './http.ts';
import type { Counts } from './memory-bindings.ts';
import type { Seeds, Session } from './stage.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/', import.meta.url));
const STAGE = 'contender';
const CALLER = 'caller';

/** Of these sessions, in order, the answers are read whole before anything is measured. */
const SAMPLES = [0, 0.3, 0.7, 0.999];

const compatibility = {
  compatibilityDate: '2026-11-01',
  // The second, which changes nothing here, is wanted by workers-oauth-provider.
  compatibilityFlags: ['nodejs_compat', 'global_fetch_strictly_public'],
};

function statements({ schema = [] }: Contender): string[] {
  if (schema !== 'migrations') return [...schema];
  return readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .flatMap((file) => readFileSync(MIGRATIONS + file, 'utf8').split('--> statement-breakpoint'));
}

/** The same token but for one character near its end. */
function forge(token: string): string {
  const at = token.length - 12;
  return `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`;
}

export class Instance {
  readonly name: string;
  readonly contender: Contender;
  readonly port: number;
  /** Whole requests, one for each session. */
  readonly requests: string[];
  readonly #miniflare: Miniflare;
  readonly #pid: number;
  readonly #backstage: URL;

  private constructor(
    contender: Contender,
    inMemory: boolean,
    { miniflare, pid, port, backstage, requests }: Started,
  ) {
    this.name = `${contender.name}, ${inMemory ? 'in memory' : 'as it runs'}`;
    this.contender = contender;
    this.port = port;
    this.requests = requests;
    this.#miniflare = miniflare;
    this.#pid = pid;
    this.#backstage = backstage;
  }

  /** Starts one after the other: a workerd is known by having appeared. */
  static async start(contender: Contender, inMemory: boolean, many: number): Promise<Instance> {
    const options = await optionsOf(contender, inMemory);
    const before = children();
    const miniflare = new Miniflare(options);
    try {
      await miniflare.ready;
      const pid = [...children()].find((child) => !before.has(child));
      if (pid === undefined) throw new Error('No workerd was started.');
      const backstage = await miniflare.unsafeGetDirectURL(STAGE, 'Backstage');
      const { port } = await miniflare.unsafeGetDirectURL(contender.rpc ? CALLER : STAGE);
      if (contender.schema && !inMemory) {
        const body = JSON.stringify(statements(contender));
        await expectOk(fetch(new URL('/schema', backstage), { method: 'POST', body }));
      }
      const seeded = await expectOk(fetch(new URL(`/seed?many=${many}`, backstage)));
      const { sessions, caller = '' } = (await seeded.json()) as Seeds;
      await tryOut(contender, Number(port), sessions, caller);
      const asked = sessions.length > 0 ? sessions : [{ token: '', user: '' }];
      const requests = asked.map((session) => requestText(contender.ask(session, caller)));
      const started = { miniflare, pid, port: Number(port), backstage, requests };
      return new Instance(contender, inMemory, started);
    } catch (error) {
      await miniflare.dispose();
      throw new Error(`${contender.name}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Microseconds of processor time so far. */
  cpu(): number {
    return cpuOf(this.#pid);
  }

  async counts(): Promise<Counts> {
    const answer = await expectOk(fetch(new URL('/counts', this.#backstage)));
    return (await answer.json()) as Counts;
  }

  async forget(): Promise<void> {
    await expectOk(fetch(new URL('/forget', this.#backstage)));
  }

  dispose(): Promise<void> {
    return this.#miniflare.dispose();
  }
}

interface Started {
  miniflare: Miniflare;
  pid: number;
  port: number;
  backstage: URL;
  requests: string[];
}

async function optionsOf(contender: Contender, inMemory: boolean) {
  const { bindings = {}, vars = {}, rpc } = contender;
  const { kv, d1 } = inMemory ? {} : bindings;
  const staged = {
    ...compatibility,
    name: STAGE,
    modules: await bundleStaged(contender, inMemory),
    bindings: vars,
    ...(kv && { kvNamespaces: [kv] }),
    ...(d1 && { d1Databases: [d1] }),
    unsafeDirectSockets: [
      { host: HOST, port: 0 },
      { host: HOST, port: 0, entrypoint: 'Backstage' },
    ],
  };
  const caller = {
    ...compatibility,
    name: CALLER,
    modules: await bundleCaller(),
    serviceBindings: { AUTHORITY: { name: STAGE, entrypoint: 'TokenAuthority' } },
    unsafeDirectSockets: [{ host: HOST, port: 0 }],
  };
  const workers = rpc ? [caller, staged] : [staged];
  return convertV4MiniflareOptions({ workers } as V4MiniflareOptions);
}

async function expectOk(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (!response.ok) throw new Error(await response.text());
  return response;
}

/**
 * Throws unless good tokens get an answer that names their own user, and a forged one is refused.
 */
async function tryOut(
  contender: Contender,
  port: number,
  sessions: Session[],
  caller: string,
): Promise<void> {
  const { good, bad } = contender;
  const expectSign = async (session: Session, { status, marker }: Sign) => {
    const answer = await answerTo(port, contender.ask(session, caller));
    if (answer.status === status && answer.text.includes(marker)) return answer.text;
    throw new Error(
      `answers wrongly: ${status} with "${marker}" was wanted of ${session.token}, and came ` +
        `${answer.status} ${answer.text}`,
    );
  };
  if (!bad) {
    await expectSign({ token: '', user: '' }, good);
    return;
  }
  for (const share of SAMPLES) {
    const session = sessions[Math.floor(sessions.length * share)];
    if (!session) throw new Error('has no sessions');
    const text = await expectSign(session, good);
    if (!text.includes(session.user)) {
      throw new Error(`answers wrongly: user ${session.user} is not named in ${text}`);
    }
    await expectSign({ ...session, token: forge(session.token) }, bad);
  }
}
