/**
 * Loaded before the demo: what it draws by lot is counted instead, so that its names and numbers
 * are the same in each set of pictures.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

let drawn = 0;

crypto.randomInt = (low, high) =>
  high === undefined ? drawn++ % low : low + (drawn++ % (high - low));
syncBuiltinESMExports();
