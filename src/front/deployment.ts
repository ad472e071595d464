/** What all requests of an isolate share: its memory, and the settings of the deployment. */
import { Fault } from '../base/faults.ts';
import type { Isolate } from '../domain/isolate.ts';
import { missingBindings } from './bindings.ts';
import { type Env, readSettings, type Settings } from './settings.ts';

export interface Deployment {
  isolate: Isolate;
  /** Throws UNAVAILABLE if something is missing, so that nothing works by half. */
  settingsOf(env: Env): Settings;
}

const UNFIT = 'The secrets or settings are invalid: see the log.';

/**
 * The settings of a complete deployment. Throws UNAVAILABLE. Its message tells everyone what is
 * missing; only the log tells what is wrong with a secret.
 */
function readDeployment(env: Env): Settings {
  const missing = missingBindings(env);
  if (missing) throw new Fault('UNAVAILABLE', missing, { cause: new Error(missing) });
  try {
    return readSettings(env);
  } catch (cause) {
    throw new Fault('UNAVAILABLE', UNFIT, { cause });
  }
}

/** Reads the settings once, at the first request. An isolate has one deployment. */
export function newDeployment(isolate: Isolate): Deployment {
  let settings: Settings | undefined;
  let unfit: Fault | undefined;
  return {
    isolate,
    settingsOf(env) {
      if (settings) return settings;
      if (unfit) throw unfit;
      try {
        settings = readDeployment(env);
      } catch (fault) {
        unfit = fault as Fault;
        throw unfit;
      }
      isolate.size.capacity = settings.databaseBytes ?? isolate.size.capacity;
      return settings;
    },
  };
}
