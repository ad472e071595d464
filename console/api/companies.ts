/** What the operator reads of companies. The GraphQL API calls them intermediaries. */
import { cursorPage, PAGE_INFO, PAGE_SIZE, type Page } from '../parts/pages.ts';
import { graphql } from './graphql.ts';

/** What is counted and limited, with the names that people know. */
export const LIMITS = {
  users: 'Customers',
  devices: 'Devices',
  grants: 'Permissions',
  liveSessions: 'Live sessions',
  orders: 'Orders',
  members: 'People',
  projects: 'Projects',
  stations: 'Stations',
  sensors: 'Sensors',
  channels: 'Channels',
  assignments: 'Assigned stations',
  apiKeys: 'API keys',
  eventsPerDay: 'Events today',
} as const;

export type Limit = keyof typeof LIMITS;
export type Figures = Record<Limit, number>;

export const limitNames = Object.keys(LIMITS) as Limit[];

export interface CompanyName {
  id: string;
  name: string;
}

export interface CompanyRow extends CompanyName {
  usage: Pick<Figures, 'users' | 'devices'>;
}

export interface Removal {
  removedAt: string;
  erasedUsers: number;
  erasedAt: string | null;
}

export interface Company extends CompanyName {
  limits: Figures;
  usage: Figures;
  /** Null while it is there. */
  removal: Removal | null;
}

interface Connection<Row> {
  nodes: Row[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

interface ListOptions {
  search: string;
  after: string | null;
  signal?: AbortSignal | undefined;
  first?: number;
}

async function list<Row>(selection: string, options: ListOptions): Promise<Page<Row>> {
  const { search, after, signal, first = PAGE_SIZE } = options;
  const { intermediaries } = await graphql<{ intermediaries: Connection<Row> }>(
    `query ($search: String, $first: Int!, $after: String) {
      intermediaries(search: $search, first: $first, after: $after) {
        nodes { ${selection} } ${PAGE_INFO}
      }
    }`,
    { search: search || null, first, after },
    signal,
  );
  return cursorPage(intermediaries);
}

/** Companies by name, with some of what they hold. */
export const readCompanies = (options: ListOptions): Promise<Page<CompanyRow>> =>
  list('id name usage { users devices }', options);

/** Only their names, to choose one. */
export const readCompanyNames = (options: ListOptions): Promise<Page<CompanyName>> =>
  list('id name', options);

export const limitFields = limitNames.join(' ');

/** One company, even if it is removed. Null: there never was one. */
export async function readCompany(id: string, signal?: AbortSignal): Promise<Company | null> {
  const { intermediary } = await graphql<{ intermediary: Company | null }>(
    `query ($id: ID!) {
      intermediary(id: $id) {
        id name limits { ${limitFields} } usage { ${limitFields} }
        removal { removedAt erasedUsers erasedAt }
      }
    }`,
    { id },
    signal,
  );
  return intermediary;
}
