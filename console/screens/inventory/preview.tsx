/** What a list would do, line by line, and the button that does it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf } from '../../api/failure.ts';
import { Progress } from '../../parts/bar.tsx';
import { Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { type Outcome, sendLines } from './batches.ts';
import { Outcomes, Tally } from './outcomes.tsx';

export interface Previewed {
  /** Null: into stock. */
  company: { id: string; name: string } | null;
  outcomes: Outcome[];
  warnings: string[];
  /** The line with the names of the columns, if the list has one. */
  header: string | null;
  /** Columns that are not read. */
  ignored: string[];
}

interface PreviewProps {
  previewed: Previewed;
  /** Back to the list: as it was, or as it is given. */
  onBack(text?: string): void;
}

const COUNT = new Intl.NumberFormat();

const addWords = (many: number, isRest: boolean): string => {
  if (!isRest) return `Add ${devicesOf(many)}`;
  return many === 1 ? 'Add the other device' : `Add the other ${devicesOf(many)}`;
};

const devicesOf = (many: number): string =>
  many === 1 ? '1 device' : `${COUNT.format(many)} devices`;

/** Which of them are still to be sent. What is so already needs no call. */
const todoIn = (outcomes: Outcome[], done: ReadonlySet<number>): Outcome[] =>
  outcomes.filter(
    ({ effect, line }) => effect !== 'UNCHANGED' && effect !== 'REFUSED' && !done.has(line),
  );

/** Sends the lines. `done` are those that took effect. */
function useAdding({ company, outcomes: previewed }: Previewed) {
  const [outcomes, setOutcomes] = useState(previewed);
  const [done, setDone] = useState<ReadonlySet<number>>(new Set());
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
    },
    [],
  );
  const settle = (some: Outcome[]): boolean => {
    const refused = new Map(
      some.flatMap((one) => (one.effect === 'REFUSED' ? [[one.line, one]] : [])),
    );
    setOutcomes((old) => old.map((one) => refused.get(one.line) ?? one));
    setDone(
      (old) => new Set([...old, ...some.flatMap(({ line }) => (refused.has(line) ? [] : line))]),
    );
    return isHere.current;
  };
  const add = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const companyId = company?.id ?? null;
      await sendLines(todoIn(outcomes, done), { companyId, dryRun: false, onBatch: settle });
    } catch (thrown) {
      setFailure(failureOf(thrown));
    }
    setBusy(false);
  };
  return { outcomes, done, failure, busy, add };
}

/** The refused lines as a list again, to correct and send. */
const listOf = (header: string | null, refused: Outcome[]): string =>
  [...(header === null ? [] : [header]), ...refused.map(({ raw }) => raw)].join('\n');

export function Preview({ previewed, onBack }: PreviewProps) {
  const { company, warnings, header, ignored } = previewed;
  const { outcomes, done, failure, busy, add } = useAdding(previewed);
  const todo = todoIn(outcomes, done);
  const refused = outcomes
    .filter(({ effect }) => effect === 'REFUSED')
    .sort((a, b) => a.line - b.line);
  const isBegun = busy || done.size > 0;
  return (
    <>
      <Section
        title={isBegun ? 'Devices' : 'Preview'}
        about={
          <>
            For <bdi>{company?.name ?? 'the stock'}</bdi>. {!isBegun && 'Nothing is changed yet.'}
          </>
        }
      >
        <Tally outcomes={outcomes} />
        {ignored.length > 0 && (
          <p class="warning">
            These columns are not read: <bdi>{ignored.join(', ')}</bdi>.
          </p>
        )}
        {failure && <Problem failure={failure} onRetry={add} />}
        {isBegun && (
          <div class="progress">
            <Progress label="Added" done={done.size} of={done.size + todo.length} />
            <p role="status">
              {COUNT.format(done.size)} of {devicesOf(done.size + todo.length)} done.
            </p>
          </div>
        )}
        <div class="form-buttons">
          {todo.length > 0 && !failure && (
            <button type="button" class="primary" disabled={busy} onClick={add}>
              {busy ? 'Adding …' : addWords(todo.length, refused.length > 0)}
            </button>
          )}
          {!isBegun && (
            <button type="button" onClick={() => onBack()}>
              Change the list
            </button>
          )}
          {isBegun && !busy && refused.length > 0 && (
            <button type="button" onClick={() => onBack(listOf(header, refused))}>
              Correct the refused lines
            </button>
          )}
          {isBegun && !busy && (
            <a class="button" href="/console/inventory">
              Back to the inventory
            </a>
          )}
        </div>
      </Section>
      {warnings.length > 0 && <Warnings warnings={warnings} />}
      <Outcomes outcomes={outcomes} done={done} />
    </>
  );
}

const SHOWN = 20;

const Warnings = ({ warnings }: { warnings: string[] }) => (
  <Section title="Look at these again" about="They may be mistakes. They do not stand in the way.">
    <ul class="list-of-lines">
      {warnings.slice(0, SHOWN).map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
      {warnings.length > SHOWN && <li>And {COUNT.format(warnings.length - SHOWN)} more.</li>}
    </ul>
  </Section>
);
