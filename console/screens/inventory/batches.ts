/** Adds a long list of devices, or tells what adding it would do, a batch at a time. */
import { Failure, failureOf } from '../../api/failure.ts';
import { graphql } from '../../api/graphql.ts';
import { inBatches } from './devices.ts';
import type { Line } from './lines.ts';

export type Effect = 'ADDED' | 'ASSIGNED' | 'CHANGED' | 'UNCHANGED' | 'REFUSED';

/** A line, and what happens to it. */
export interface Outcome extends Line {
  effect: Effect;
}

interface Payload {
  success: boolean;
  errors: { code: string; message: string; path: string[] | null }[];
  preview: { effect: Effect; meterId: string | null; message: string | null }[] | null;
  warnings: string[] | null;
}

const DOCUMENT = `mutation ($input: AddDevicesInput!) {
  addDevices(input: $input) {
    success errors { code message path } preview { effect meterId message } warnings
  }
}`;

const refused = (line: Line, fault: string): Outcome => ({ ...line, fault, effect: 'REFUSED' });

/** A call that comes too early is made again, with longer and longer pauses. */
const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 20_000];

async function patiently<Value>(call: () => Promise<Value>): Promise<Value> {
  for (const pause of PAUSES_MS) {
    try {
      return await call();
    } catch (thrown) {
      if (failureOf(thrown).reason !== 'limited') throw thrown;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return call();
}

/** The sentences of a refusal by the place in the batch. What is about no line is thrown. */
function faultsIn(errors: Payload['errors']): Map<number, string> {
  const faults = new Map<number, string>();
  for (const { path, message } of errors) {
    const at = path?.find((part) => /^\d+$/.test(part));
    if (at !== undefined && !faults.has(Number(at))) faults.set(Number(at), message);
  }
  const [first] = errors;
  if (faults.size === 0) throw new Failure('refused', first?.message ?? 'This was refused.');
  return faults;
}

export interface Batches {
  /** Null: into stock. */
  companyId: string | null;
  dryRun: boolean;
  /** Is told after each batch. Returns whether to go on. */
  onBatch(outcomes: Outcome[], warnings: string[]): boolean;
}

/** A refused line does not stand in the way of the others: the batch is sent again without it. */
async function settle(lines: Line[], { companyId, dryRun }: Batches) {
  const outcomes = new Map<number, Outcome>();
  let open = lines;
  let warnings: string[] = [];
  while (open.length > 0) {
    const devices = open.map(({ deviceId, meterId }) => ({
      deviceId,
      ...(meterId === null ? {} : { meterId }),
    }));
    const input = { intermediaryId: companyId, devices, dryRun };
    const { addDevices } = await patiently(() =>
      graphql<{ addDevices: Payload }>(DOCUMENT, { input }),
    );
    if (addDevices.success) {
      const { preview } = addDevices;
      open.forEach((line, at) => {
        const told = preview?.[at];
        const { effect = 'ADDED', meterId = line.meterId, message: fault = null } = told ?? {};
        outcomes.set(line.line, { ...line, effect, meterId, fault });
      });
      warnings = addDevices.warnings ?? [];
      break;
    }
    const faults = faultsIn(addDevices.errors);
    open.forEach((line, at) => {
      const fault = faults.get(at);
      if (fault !== undefined) outcomes.set(line.line, refused(line, fault));
    });
    open = open.filter((_, at) => !faults.has(at));
  }
  return { outcomes: lines.flatMap(({ line }) => outcomes.get(line) ?? []), warnings };
}

/**
 * Sends the lines. Throws a Failure if a batch fails as a whole: those before it are done, as
 * `onBatch` was told.
 */
export async function sendLines(lines: readonly Line[], batches: Batches): Promise<void> {
  const wrong = lines.filter(({ fault }) => fault !== null);
  if (
    !batches.onBatch(
      wrong.map((line) => refused(line, line.fault ?? '')),
      [],
    )
  )
    return;
  for (const batch of inBatches(lines.filter(({ fault }) => fault === null))) {
    const { outcomes, warnings } = await settle(batch, batches);
    if (!batches.onBatch(outcomes, warnings)) return;
  }
}
