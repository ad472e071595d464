/** A table of rows that come in pages. */
import type { ComponentChildren } from 'preact';
import type { Pages } from './pages.ts';
import { Problem } from './problem.tsx';

export interface Column<Row> {
  name: string;
  cell(row: Row): ComponentChildren;
  /** Left out on a phone. What matters of it stands in the first column there. */
  wide?: boolean;
  /** For buttons and figures: at the right. */
  end?: boolean;
  /** The name is for screen readers alone. */
  quiet?: boolean;
}

interface TableProps<Row> {
  /** What the rows are, for screen readers: "People". */
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string | number;
  busy?: boolean;
}

const classOf = ({ wide, end }: Pick<Column<never>, 'wide' | 'end'>): string =>
  `${wide ? 'wide' : ''} ${end ? 'end' : ''}`.trim();

/** A table whose rows are all there. */
export function Table<Row>({ caption, columns, rows, keyOf, busy = false }: TableProps<Row>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard.
    <div class="table" tabIndex={0}>
      <table aria-busy={busy}>
        <caption class="quiet">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={classOf(column)}>
                {column.quiet ? <span class="quiet">{column.name}</span> : column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where rows will be. */
export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="quiet">Loading …</span>
      {Array.from({ length: lines }, (_, at) => (
        <span key={at} class="bone" />
      ))}
    </div>
  );
}

interface ListProps<Row> extends Omit<TableProps<Row>, 'rows' | 'busy'> {
  pages: Pages<Row>;
  /** What is shown in place of no rows: an <Empty>. */
  empty: ComponentChildren;
}

const COUNT = new Intl.NumberFormat();

/** The rows so far, and a button for more. */
export function List<Row>({ pages, empty, ...table }: ListProps<Row>) {
  const { rows, total, hasMore, busy, failure, readMore, reload } = pages;
  if (!rows) return failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />;
  const shown = COUNT.format(rows.length);
  return (
    <>
      {rows.length > 0 || hasMore ? <Table {...table} rows={rows} busy={busy} /> : empty}
      {failure && <Problem failure={failure} onRetry={hasMore ? readMore : reload} />}
      {rows.length > 0 && (
        <footer class="list-foot">
          <p role="status">
            {total === undefined ? `${shown} shown` : `${shown} of ${COUNT.format(total)}`}
          </p>
          {hasMore && (
            <button type="button" disabled={busy} onClick={readMore}>
              {busy ? 'Loading …' : 'Load more'}
            </button>
          )}
        </footer>
      )}
    </>
  );
}
