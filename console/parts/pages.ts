/** Reads a list page by page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf } from '../api/failure.ts';
import type { Paging } from '../api/types.ts';
import { type Load, useLoad } from './load.ts';

/** Rows on a page. */
export const PAGE_SIZE = 50;

export interface Page<Row> {
  rows: Row[];
  /** Where the next page begins. Null: this is the last. */
  next: string | null;
  total?: number;
}

export interface Pages<Row> extends Omit<Load<Page<Row>>, 'value'> {
  /** Undefined until the first page is there. */
  rows: Row[] | undefined;
  total: number | undefined;
  hasMore: boolean;
  readMore(): void;
}

/** An offset page of the company API as a Page. */
export const offsetPage = <Row>(rows: Row[], { page, pages, total }: Paging): Page<Row> => ({
  rows,
  next: page < pages ? String(page + 1) : null,
  total,
});

interface PageInfo {
  endCursor: string | null;
  hasNextPage: boolean;
}

/** What to select of each connection of the GraphQL API. */
export const PAGE_INFO = 'pageInfo { endCursor hasNextPage }';

/** A page of a list, as the GraphQL API tells it. */
export interface Connection<Row> {
  nodes: Row[];
  pageInfo: PageInfo;
}

/** A page of a connection of the GraphQL API as a Page. */
export const cursorPage = <Row>(list: Connection<Row>): Page<Row> => ({
  rows: list.nodes,
  next: list.pageInfo.hasNextPage ? list.pageInfo.endCursor : null,
});

/**
 * Reads the first page, and each next one when `readMore` is called. `read` gets where the page
 * begins: null for the first. A new `key`, such as another search, begins again.
 */
export function usePages<Row>(
  key: string,
  read: (after: string | null, signal?: AbortSignal) => Promise<Page<Row>>,
): Pages<Row> {
  const first = useLoad(key, (signal) => read(null, signal));
  const [more, setMore] = useState<Page<Row>[]>([]);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const current = useRef<object | undefined>(undefined);
  current.current = first.value;
  useEffect(() => {
    setMore([]);
    setFailure(undefined);
    setBusy(false);
  }, [first.value]);
  const loaded = first.value ? [first.value, ...more] : [];
  const next = loaded.at(-1)?.next ?? null;
  const readMore = async () => {
    const { value } = first;
    setBusy(true);
    setFailure(undefined);
    const settle = (change: () => void) => {
      if (current.current !== value) return;
      change();
      setBusy(false);
    };
    try {
      const page = await read(next);
      settle(() => setMore((old) => [...old, page]));
    } catch (thrown) {
      const failure = failureOf(thrown);
      settle(() => setFailure(failure));
    }
  };
  return {
    rows: first.value && loaded.flatMap(({ rows }) => rows),
    total: first.value?.total,
    hasMore: next !== null,
    busy: first.busy || busy,
    failure: first.failure ?? failure,
    reload: first.reload,
    readMore,
  };
}
