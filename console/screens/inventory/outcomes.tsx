/** What happens to each line of a list of devices. */
import { useState } from 'preact/hooks';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/list.tsx';
import type { Effect, Outcome } from './batches.ts';

const EFFECTS: Record<Effect, { name: string; tone: Tone }> = {
  REFUSED: { name: 'Refused', tone: 'bad' },
  CHANGED: { name: 'Gets another meter', tone: 'warn' },
  ADDED: { name: 'New', tone: 'good' },
  ASSIGNED: { name: 'From stock', tone: 'good' },
  UNCHANGED: { name: 'Already so', tone: 'plain' },
};

/** What needs somebody's eye comes first. */
const EFFECT_ORDER = Object.keys(EFFECTS) as Effect[];

const COUNT = new Intl.NumberFormat();

/** How many lines there are of each. */
export const Tally = ({ outcomes }: { outcomes: Outcome[] }) => (
  <ul class="tally" aria-label="What happens">
    {EFFECT_ORDER.map((effect) => {
      const many = outcomes.filter((one) => one.effect === effect).length;
      const { name, tone } = EFFECTS[effect];
      return (
        many > 0 && (
          <li key={effect}>
            <Badge tone={tone}>
              {name}: {COUNT.format(many)}
            </Badge>
          </li>
        )
      );
    })}
  </ul>
);

const columnsOf = (done: ReadonlySet<number>): Column<Outcome>[] => [
  {
    name: 'Line',
    wide: true,
    cell: ({ line }) => <span class="number soft">{COUNT.format(line)}</span>,
  },
  {
    name: 'Device',
    cell: ({ line, deviceId, meterId }) => (
      <span class="entry">
        <small class="phone-only">Line {COUNT.format(line)}</small>
        <code>
          <bdi>{deviceId || 'None'}</bdi>
        </code>
        {meterId && (
          <small class="phone-only">
            Meter <bdi>{meterId}</bdi>
          </small>
        )}
      </span>
    ),
  },
  { name: 'Meter', wide: true, cell: ({ meterId }) => <bdi class="meter">{meterId}</bdi> },
  {
    name: 'What happens',
    cell: ({ effect, fault, line }) => (
      <span class="entry">
        <span>
          <Badge tone={EFFECTS[effect].tone}>{EFFECTS[effect].name}</Badge>{' '}
          {done.has(line) && <Badge tone="good">Done</Badge>}
        </span>
        {fault && <small class="error">{fault}</small>}
      </span>
    ),
  },
];

/** A browser is slow with thousands of rows. */
const SHOWN = 100;

interface OutcomesProps {
  outcomes: Outcome[];
  /** The lines that took effect. */
  done: ReadonlySet<number>;
}

export function Outcomes({ outcomes, done }: OutcomesProps) {
  const [shown, show] = useState(SHOWN);
  const rows = EFFECT_ORDER.flatMap((effect) =>
    outcomes.filter((one) => one.effect === effect).sort((a, b) => a.line - b.line),
  );
  return (
    <>
      <Table
        caption="Lines"
        columns={columnsOf(done)}
        rows={rows.slice(0, shown)}
        keyOf={({ line }) => line}
      />
      <footer class="list-foot">
        <p>
          {COUNT.format(Math.min(shown, rows.length))} of {COUNT.format(rows.length)}
        </p>
        {shown < rows.length && (
          <button type="button" onClick={() => show(shown + SHOWN)}>
            Show more
          </button>
        )}
      </footer>
    </>
  );
}
