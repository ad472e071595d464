/** How the service is. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { graphql } from '../../api/graphql.ts';
import { readJson, send } from '../../api/request.ts';
import { Badge } from '../../parts/badge.tsx';
import { Bar } from '../../parts/bar.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Time } from '../../parts/time.tsx';
import { bytesOf } from './bytes.ts';

interface Health {
  status?: string;
  /** Only where the database is nearly full. */
  storage?: 'full';
  /** What is wrong, where something is. */
  message?: string;
}

interface System {
  databaseBytes: number;
  databaseBytesMost: number;
  toPublish: number;
  toDeliver: number;
}

interface Facts {
  health: Health;
  system: System;
  at: string;
}

async function readHealth(signal: AbortSignal): Promise<Health> {
  const response = await send({ method: 'GET', path: '/health', signal });
  const health = await readJson<Health & { errors: { message: string }[] }>(response);
  const [error] = health.errors ?? [];
  return response.ok ? health : { message: error?.message ?? `It answers ${response.status}.` };
}

async function read(signal: AbortSignal): Promise<Facts> {
  const [health, { system }] = await Promise.all([
    readHealth(signal),
    graphql<{ system: System }>(
      '{ system { databaseBytes databaseBytesMost toPublish toDeliver } }',
      {},
      signal,
    ),
  ]);
  return { health, system, at: new Date().toISOString() };
}

const COUNT = new Intl.NumberFormat();

/** How often it is read again while somebody looks. */
const PAUSE_MS = 10_000;

interface FigureProps {
  title: string;
  value: ComponentChildren;
  children: ComponentChildren;
}

const Figure = ({ title, value, children }: FigureProps) => (
  <section class="figure">
    <h2>{title}</h2>
    <p class="value">{value}</p>
    <p class="hint">{children}</p>
  </section>
);

function HealthFigure({ health }: { health: Health }) {
  if (health.status !== 'ok') {
    return (
      <Figure title="Health" value={<Badge tone="bad">Not working</Badge>}>
        {health.message}
      </Figure>
    );
  }
  const isFull = health.storage === 'full';
  return (
    <Figure
      title="Health"
      value={isFull ? <Badge tone="bad">Storage is full</Badge> : <Badge tone="good">Good</Badge>}
    >
      {isFull
        ? 'What makes the database larger is refused. What ends something, and signing in, works.'
        : 'All calls are answered.'}
    </Figure>
  );
}

function DatabaseFigure({ system: { databaseBytes, databaseBytesMost } }: { system: System }) {
  return (
    <section class="figure">
      <h2>Database</h2>
      <p class="value">{bytesOf(databaseBytes)}</p>
      <Bar label="Database" value={databaseBytes} most={databaseBytesMost} />
      <p class="hint">Of {bytesOf(databaseBytesMost)}. At 95 percent, nothing more can be added.</p>
    </section>
  );
}

function Figures({ health, system }: Facts) {
  const { toPublish, toDeliver } = system;
  return (
    <div class="figures">
      <HealthFigure health={health} />
      <DatabaseFigure system={system} />
      <Figure title="To publish" value={COUNT.format(toPublish)}>
        {toPublish === 0
          ? 'Everything that was taken away is known everywhere.'
          : 'Withdrawals whose copies of sessions are yet to be rewritten.'}
      </Figure>
      <Figure title="To deliver" value={COUNT.format(toDeliver)}>
        {toDeliver === 0
          ? 'No event waits for a webhook.'
          : 'Events that wait for webhooks. A receiver that fails is tried again.'}
      </Figure>
    </div>
  );
}

export function Screen() {
  const { value, failure, busy, reload } = useLoad('system', read);
  useEffect(() => {
    if (busy) return;
    const pause = setTimeout(() => document.hidden || reload(), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [busy, value]);
  return (
    <Page
      title="System"
      about={
        value ? (
          <>
            As of <Time at={value.at} />. It is read again every ten seconds.
          </>
        ) : (
          'How this service is.'
        )
      }
      actions={
        <button type="button" disabled={busy} onClick={reload}>
          Read again
        </button>
      }
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      {!value && !failure && <Skeleton lines={4} />}
      {value && <Figures {...value} />}
    </Page>
  );
}
