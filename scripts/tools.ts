/** The environment for Wrangler, whatever the shell and the machine have. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/**
 * The folder with Wrangler's logs and its list of running Workers: see its `getGlobalConfigPath`.
 */
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

/** The environment for local Wrangler commands. */
export function localEnv(): NodeJS.ProcessEnv {
  const home = resolve('.wrangler/home');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    // No network access, so that it works offline too.
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    // Wrangler is 15 MB of JavaScript. With compiled code it starts in half the time.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? resolve('.wrangler/compiled'),
    // The build command must use this same Node.
    PATH: [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter),
    ...(canWrite(configFolder()) ? {} : { HOME: home, XDG_CONFIG_HOME: home }),
  };
  // It is for deployments. Here it would select other bindings.
  delete env.CLOUDFLARE_ENV;
  return env;
}

/** Keeps local requests away from a proxy in the environment. */
export function keepFromProxy(): void {
  const listed = process.env.no_proxy ?? process.env.NO_PROXY;
  if (listed === '*') return;
  const hosts = [listed, '127.0.0.1', 'localhost', '::1'].filter(Boolean).join(',');
  process.env.no_proxy = hosts;
  process.env.NO_PROXY = hosts;
}
