/** What Wrangler is run with, whatever the shell and the machine have. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** Where Wrangler keeps its logs and the list of the Workers that run: see its `getGlobalConfigPath`. */
function configFolder(): string {
  const old = join(homedir(), '.wrangler');
  if (existsSync(old)) return old;
  const usual = process.platform === 'darwin' ? 'Library/Preferences' : '.config';
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), usual), '.wrangler');
}

function canWrite(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The environment of the Wrangler that works on this machine alone. */
export function localEnv(): NodeJS.ProcessEnv {
  const home = resolve('.wrangler/home');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    // The start asks nothing of the network, so that it is the same without one.
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    // Wrangler is 15 MB of JavaScript: compiled once, it starts in half the time.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? resolve('.wrangler/compiled'),
    // The build command is to run with this very Node.
    PATH: [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter),
    ...(canWrite(configFolder()) ? {} : { HOME: home, XDG_CONFIG_HOME: home }),
  };
  // It is for deployments: here it would choose other bindings.
  delete env.CLOUDFLARE_ENV;
  return env;
}

/** A proxy that the environment names is for the world, not for what runs on this machine. */
export function keepFromProxy(): void {
  const listed = process.env.no_proxy ?? process.env.NO_PROXY;
  if (listed === '*') return;
  const hosts = [listed, '127.0.0.1', 'localhost', '::1'].filter(Boolean).join(',');
  process.env.no_proxy = hosts;
  process.env.NO_PROXY = hosts;
}
