/** Times in the reader's time zone and language. */

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const AGO = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** The company API writes `2026-11-23 09:30:00`, in UTC; GraphQL writes RFC 3339. */
export const dateOf = (at: string): Date =>
  new Date(at.includes('T') ? at : `${at.replace(' ', 'T')}Z`);

const MINUTE = 60_000;
const UNITS = [
  ['minute', MINUTE, 60 * MINUTE],
  ['hour', 60 * MINUTE, 24 * 60 * MINUTE],
  ['day', 24 * 60 * MINUTE, 7 * 24 * 60 * MINUTE],
] as const;

function words(date: Date, near: boolean): string {
  const distance = date.getTime() - Date.now();
  const unit = near && UNITS.find(([, , below]) => Math.abs(distance) < below);
  return unit ? AGO.format(Math.round(distance / unit[1]), unit[0]) : WHEN.format(date);
}

/** `near` says how long ago or ahead it is, within a week. */
export function Time({ at, near = false }: { at: string; near?: boolean }) {
  const date = dateOf(at);
  return (
    <time dateTime={date.toISOString()} title={FULL.format(date)}>
      {words(date, near)}
    </time>
  );
}

/** A time that may be missing. */
export function TimeOr({ at, none, near }: { at: string | null; none: string; near?: boolean }) {
  return at === null ? <span class="faint">{none}</span> : <Time at={at} near={near ?? false} />;
}
