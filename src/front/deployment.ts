/**
 * What all requests of an isolate have in common: its memory, and the settings of its deployment.
 */
import { Fault } from '../base/faults.ts';
import type { Isolate } from '../domain/isolate.ts';
import { lackOf } from './bindings.ts';
import { type Env, readSettings, type Settings } from './settings.ts';

export interface Deployment {
  isolate: Isolate;
  /** Throws a Fault, UNAVAILABLE, where something is missing, so that nothing works half. */
  settingsOf(env: Env): Settings;
}

const UNFIT = 'The secrets or settings are not fit to run with: see the log.';

/**
 * The settings of a deployment that has all that it needs. Throws a Fault, UNAVAILABLE, which tells
 * everybody what is missing, and the log alone what is wrong with a secret.
 */
function readDeployment(env: Env): Settings {
  const lack = lackOf(env);
  if (lack) throw new Fault('UNAVAILABLE', lack, { cause: new Error(lack) });
  try {
    return readSettings(env);
  } catch (cause) {
    throw new Fault('UNAVAILABLE', UNFIT, { cause });
  }
}

/** Reads the settings once, when the first request is there: an isolate has one deployment. */
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
