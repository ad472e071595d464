/**
 * What the Worker has acknowledged, by who it is about: one call at a time changes, or asks about,
 * one of them.
 */

export interface Tenant {
  id: string;
  /** Each may make 6,000 calls a minute: there are enough of them. */
  keys: string[];
  deviceIds: string[];
  /** Of users that were removed: orders stay. */
  orphans: Order[];
  /** The devices that orders are SHIPPED with. */
  underWay: Set<string>;
}

export const STATUSES = ['PLACED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'RETURNED'] as const;

export interface Order {
  id: string;
  status: (typeof STATUSES)[number] | 'CANCELLED';
  /** The device that is shipped with it, and the address where its parcel is followed. */
  deviceId: string;
  trackingLink: string;
}

export interface Session {
  id: string;
  token: string;
  /** In epoch milliseconds; null while it lives. */
  endedAt: number | null;
}

/** An end user, who comes and goes. */
export class User {
  /** Null while there is no such user. */
  id: string | null = null;
  readonly tenant: Tenant;
  readonly externalId: string;
  readonly identifier: object;
  readonly deviceIds: string[];
  /** "VIEW <deviceId>" or "CHARGE <deviceId>": whether it is granted, and since when. */
  readonly grants = new Map<string, { granted: boolean; at: number }>();
  readonly sessions: Session[] = [];
  orders: Order[] = [];

  constructor(tenant: Tenant, externalId: string, deviceIds: string[]) {
    this.tenant = tenant;
    this.externalId = externalId;
    this.identifier = { externalUser: { externalId } };
    this.deviceIds = deviceIds;
  }

  get live(): Session[] {
    return this.sessions.filter(({ endedAt }) => endedAt === null);
  }

  get granted(): string[] {
    return [...this.grants].filter(([, { granted }]) => granted).map(([name]) => name);
  }

  set(names: string[], granted: boolean): void {
    for (const name of names) this.grants.set(name, { granted, at: Date.now() });
  }
}

/** One of the company's staff, of level 2, with a project of their own. */
export interface Member {
  tenant: Tenant;
  id: number;
  token: string;
  name: string;
  projectId: number;
  stations: Map<number, { name: string; at: number }>;
  removedStations: number[];
}

/**
 * New permissions are seen at once, or in five seconds; what was withdrawn is normally refused
 * within 90.
 */
const SEEN_MS = 6_000;
const REFUSED_MS = 95_000;

export const isSeen = (at: number): boolean => Date.now() - at > SEEN_MS;
export const isRefused = (at: number): boolean => Date.now() - at > REFUSED_MS;

/** How `/verify` may answer a live session that asks for a permission. */
export function statusesOf({ grants }: User, name: string): number[] {
  const { granted, at } = grants.get(name) ?? { granted: false, at: 0 };
  if (granted) return isSeen(at) ? [204] : [204, 403];
  return isRefused(at) ? [403] : [204, 403];
}

/** Throws where an answer is not what the ledger says. */
export function expectSame(what: string, answered: unknown, known: unknown): void {
  const [one, other] = [JSON.stringify(answered), JSON.stringify(known)];
  if (one !== other) throw new Error(`${what}: answered ${one}, known ${other}`);
}

export const pick = <Item>(items: readonly Item[]): Item =>
  items[Math.floor(Math.random() * items.length)] as Item;

/** All of a kind, each lent to one call at a time. */
export class Pool<Item> {
  readonly all: Item[];
  /**
   * Those of which nobody knows what became of their last change: it was answered with an error.
   */
  readonly doubtful = new Set<Item>();
  readonly #idle: Item[];

  constructor(all: Item[]) {
    this.all = all;
    this.#idle = [...all];
  }

  /** Somebody idle who fits, by chance; undefined when there is none among some. */
  take(fits: (item: Item) => boolean): Item | undefined {
    for (let attempt = 0; attempt < 20 && this.#idle.length > 0; attempt++) {
      const at = Math.floor(Math.random() * this.#idle.length);
      const item = this.#idle[at] as Item;
      if (!fits(item)) continue;
      this.#idle[at] = this.#idle[this.#idle.length - 1] as Item;
      this.#idle.pop();
      return item;
    }
    return undefined;
  }

  giveBack(item: Item): void {
    this.#idle.push(item);
  }
}
