/** The feed of events, which is quick to read as a whole: for a file. */
import { rest } from '../../api/rest.ts';
import { type Filters, startOf } from './events.ts';

/** As webhooks carry it. */
interface FeedEvent {
  timestamp: string;
  data: { userId?: string; deviceIds?: string[]; actor: { userId: string | null } };
}

interface FeedPage {
  events: FeedEvent[];
  next: string;
}

/** The most that the feed gives at once. */
const LIMIT = 1000;

/** Whether an event fits the filters that the feed itself does not have. */
function fits({ timestamp, data }: FeedEvent, filters: Filters): boolean {
  const { by, about, device } = filters;
  const [from, to] = [startOf(filters.from), startOf(filters.to, 1)];
  return (
    (!by || data.actor.userId === by) &&
    (!about || data.userId === about) &&
    (!device || (data.deviceIds ?? []).includes(device)) &&
    (from === null || timestamp >= from) &&
    (to === null || timestamp < to)
  );
}

/** The events that fit, oldest first, a page at a time. */
export async function* readFeed(filters: Filters, signal: AbortSignal): AsyncGenerator<object[]> {
  let after: string | undefined;
  for (;;) {
    const query = new URLSearchParams({
      limit: String(LIMIT),
      ...(filters.actions ? { actions: filters.actions } : {}),
      ...(after ? { after } : {}),
    });
    const page: FeedPage = await readFeedPage(query, signal);
    yield page.events.filter((event) => fits(event, filters));
    if (page.events.length < LIMIT) return;
    after = page.next;
  }
}

const readFeedPage = (query: URLSearchParams, signal: AbortSignal): Promise<FeedPage> =>
  rest<FeedPage>(`GET /events?${query}`, undefined, signal);
