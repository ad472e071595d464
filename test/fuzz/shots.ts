/** All requests that are sent: to every face, about half of them tampered with. */
import fc from 'fast-check';
import { consoleFor } from './console.ts';
import { edgeFor, graphqlFor, mostly, restFor } from './requests.ts';
import { type Shot, saidBy, shown } from './shot.ts';
import type { Stage } from './stage.ts';
import { type Tampering, tamperingsFor } from './tampering.ts';

/** In characters: Cloudflare takes no longer URL. */
const MAX_TARGET = 16_000;

/** As Fetch can send it, and so that a failing test shows it. */
function finish(shot: Shot): Shot {
  const isBodiless = shot.method === 'GET' || shot.method === 'HEAD';
  const finished = {
    ...shot,
    target: shot.target.slice(0, MAX_TARGET),
    body: isBodiless ? null : shot.body,
  };
  return Object.assign(finished, { [fc.toStringMethod]: () => shown(finished) });
}

/**
 * Operators may change any tenant that they name, and do away with ours: only the spare one is
 * theirs to touch.
 */
function isFair({ credentials, theirId, clientId }: Stage, shot: Shot): boolean {
  const said = saidBy(shot);
  const byOperator = credentials.operator.some((key) => said.includes(key));
  const doesAway = said.includes('removeIntermediary') && said.includes(clientId);
  return !byOperator || !(said.includes(theirId) || doesAway);
}

export function shotsFor(stage: Stage): fc.Arbitrary<Shot> {
  const valid = fc.oneof(
    { weight: 4, arbitrary: graphqlFor(stage) },
    { weight: 4, arbitrary: restFor(stage) },
    { weight: 3, arbitrary: edgeFor(stage) },
    { weight: 2, arbitrary: consoleFor(stage) },
  );
  const tampering = tamperingsFor(stage);
  const tamperings = mostly(
    fc.oneof(fc.constant<Tampering[]>([]), fc.array(tampering, { minLength: 1, maxLength: 1 })),
    fc.array(tampering, { minLength: 2, maxLength: 4 }),
  );
  return fc
    .tuple(valid, tamperings)
    .map(([shot, all]) => finish(all.reduce((one, tamper) => tamper(one), shot)))
    .filter((shot) => isFair(stage, shot));
}
