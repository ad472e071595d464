/** `GET /events`: the events of a tenant, oldest first, for programs that follow them. */
import { Hono } from 'hono';
import { type Complaint, refuseAny } from '../base/faults.ts';
import { quote } from '../base/messages.ts';
import { NO_STORE } from '../base/response-headers.ts';
import { type Feed, readFeed, readFeedQuery, unitsOfFeed } from '../domain/audit/feed.ts';
import { authorize } from '../policy/authorize.ts';
import { authenticateAndCharge, chargeUnits, checkRateLimits } from '../policy/rate-limits.ts';
import type { FaceEnv } from '../policy/request-context.ts';
import { present } from './answers.ts';
import { readSearch } from './body.ts';

/** Reads each parameter as the verb takes it. */
const parameters: Record<string, (value: string) => unknown> = {
  after: (value) => value,
  limit: (value) => (/^\d{1,9}$/.test(value) ? Number(value) : Number.NaN),
  actions: (value) => value.split(',').map((type) => type.trim()),
};
const NAMES = Object.keys(parameters).join(', ');

/**
 * The parameters of a URL. Throws a Refusal for one that is unknown or given twice: with a misspelt
 * cursor a reader would read the same events for ever, with a misspelt filter too many.
 */
function readParameters(url: string): Record<string, unknown> {
  const pairs = readSearch(url);
  const complaints: Complaint[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, [[, value] = ['', ''], ...more]] of Map.groupBy(pairs, ([key]) => key)) {
    const readValue = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const fault = readValue
      ? more.length > 0 && 'Is given twice. Send it once.'
      : `There is no such parameter. There are ${NAMES}.`;
    if (fault) complaints.push({ code: 'INVALID', path: [quote(name)], message: fault });
    else if (value !== '') read[name] = readValue?.(value);
  }
  refuseAny(complaints);
  return read;
}

/** The answer to a cursor that missed events. `next` leads to those that are kept. */
const gone = (next: string): Response =>
  Response.json(
    {
      errors: true,
      message: {
        errors: {
          after:
            'Events after this cursor are no longer kept. ' +
            'Continue with "next", or read the state again.',
        },
      },
      next,
    },
    { status: 410, headers: NO_STORE },
  );

const answer = ({ events, next, isGone }: Feed): Response =>
  isGone ? gone(next) : Response.json({ events, next }, { headers: NO_STORE });

export const feed = new Hono<FaceEnv>().get('/events', async ({ req, get }) => {
  const context = get('requestContext');
  try {
    const { headers, url } = req.raw;
    await checkRateLimits(context, headers);
    const call = context.openCall();
    const caller = await authenticateAndCharge(call, headers, context);
    const permit = authorize(call, caller, 'audit.list');
    const query = readFeedQuery(readParameters(url));
    await chargeUnits(call, caller, context.limits, unitsOfFeed(query) - 1);
    return answer(await readFeed(permit, query));
  } catch (error) {
    return present(error, context.requestId);
  }
});
