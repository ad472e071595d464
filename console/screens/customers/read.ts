/** What the page of a customer shows. */
import { useState } from 'preact/hooks';
import {
  identifierOf,
  NAMED,
  type Named,
  ORDER,
  type Order,
  type PermittedDevice,
} from '../../api/access.ts';
import { type Failure, failureOf } from '../../api/failure.ts';
import { graphql } from '../../api/graphql.ts';
import { LIVE_SESSION, type LiveSession } from '../../api/types.ts';
import { type Connection, PAGE_INFO } from '../../parts/pages.ts';

type Devices = Connection<PermittedDevice>;

export interface Customer extends Named {
  externalId: string;
  suspended: boolean;
  createdAt: string;
  firstDevices: Devices;
  orders: Order[];
  sessions: LiveSession[];
  /** Another number each time that it is read. */
  readAt: number;
}

interface Answer {
  user:
    | (Named & Pick<Customer, 'suspended' | 'createdAt' | 'orders'> & { devices: Devices })
    | null;
  sessions: LiveSession[];
}

const DEVICES = `nodes { deviceId meterId permissions { permission expiresAt } } ${PAGE_INFO}`;

const QUERY = `query ($who: UserIdentifierInput!) {
  user(userIdentifier: $who) {
    ${NAMED} suspended createdAt
    devices(first: 100) { ${DEVICES} }
    orders { ${ORDER} }
  }
  sessions(userIdentifier: $who) { ${LIVE_SESSION} }
}`;

/** Null: there is no such customer. */
export async function readCustomer(
  externalId: string,
  signal: AbortSignal,
): Promise<Customer | null> {
  const variables = { who: identifierOf(externalId) };
  const { user, sessions } = await graphql<Answer>(QUERY, variables, signal);
  if (!user) return null;
  const { devices, ...rest } = user;
  return {
    ...{ ...rest, externalId, sessions },
    firstDevices: devices,
    readAt: performance.now(),
  };
}

const MORE = `query ($who: UserIdentifierInput!, $after: String) {
  user(userIdentifier: $who) { devices(first: 100, after: $after) { ${DEVICES} } }
}`;

interface MoreDevices {
  /** The customer that these follow: what was read before a change goes. */
  of: Customer;
  pages: Devices[];
  busy: boolean;
  failure?: Failure | undefined;
}

/** The devices of the customer, the first ones and those that were asked for since. */
export function useDevices(customer: Customer, reload: () => void) {
  const nothing: MoreDevices = { of: customer, pages: [], busy: false };
  const [state, setState] = useState(nothing);
  const more = state.of === customer ? state : nothing;
  const all = [customer.firstDevices, ...more.pages];
  const pageInfo = all.at(-1)?.pageInfo;
  const readMore = async () => {
    const set = (change: Partial<MoreDevices>) =>
      setState((old) => (old.of === customer ? { ...old, ...change } : old));
    setState({ ...more, busy: true, failure: undefined });
    try {
      const variables = { who: identifierOf(customer.externalId), after: pageInfo?.endCursor };
      const { user } = await graphql<{ user: { devices: Devices } | null }>(MORE, variables);
      set({ pages: [...more.pages, ...(user ? [user.devices] : [])], busy: false });
      if (!user) reload();
    } catch (thrown) {
      set({ busy: false, failure: failureOf(thrown) });
    }
  };
  return {
    rows: all.flatMap(({ nodes }) => nodes),
    total: undefined,
    hasMore: pageInfo?.hasNextPage ?? false,
    busy: more.busy,
    failure: more.failure,
    reload,
    readMore,
  };
}
