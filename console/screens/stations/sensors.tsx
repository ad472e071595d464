/** The sensors of a station, each with its channels. */
import { useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import type { Paging, Sensor } from '../../api/types.ts';
import { Empty } from '../../parts/empty.tsx';
import { Check, Field, flagOf, numberOf, textOf } from '../../parts/form.tsx';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { Section } from '../../parts/page.tsx';
import { offsetPage, PAGE_SIZE, usePages } from '../../parts/pages.ts';
import { Problem } from '../../parts/problem.tsx';
import { Channels } from './channels.tsx';
import { PartButtons } from './part-buttons.tsx';
import { InUse } from './projects.tsx';

interface SensorsProps {
  stationId: number;
  mayChange: boolean;
}

interface SensorFormProps {
  title: string;
  sensor?: Sensor;
  call: string;
  onSaved(): void;
  onClose(): void;
}

const SensorForm = ({ sensor, call, ...dialog }: SensorFormProps) => (
  <FormDialog
    {...dialog}
    {...(sensor ? { submit: 'Save changes' } : {})}
    said="The sensor is saved."
    save={(values) =>
      rest(call, {
        name: textOf(values, 'name'),
        reporting: numberOf(values, 'reporting'),
        logging: numberOf(values, 'logging'),
        status: flagOf(values, 'status'),
      })
    }
  >
    <Field name="name" label="Name" defaultValue={sensor?.name ?? ''} dir="auto" required />
    <div class="columns">
      <Field
        name="reporting"
        label="Reports every … seconds"
        inputMode="numeric"
        defaultValue={String(sensor?.reporting ?? '')}
        {...(sensor ? {} : { hint: 'Empty: as the station.' })}
      />
      <Field
        name="logging"
        label="Reads every … seconds"
        inputMode="numeric"
        defaultValue={String(sensor?.logging ?? '')}
        {...(sensor ? {} : { hint: 'Empty: as it reports.' })}
      />
    </div>
    <Check name="status" label="In use" checked={sensor?.status !== 0} />
  </FormDialog>
);

interface OneProps {
  sensor: Sensor;
  mayChange: boolean;
  reload(): void;
}

const SensorButtons = ({ sensor, reload }: Omit<OneProps, 'mayChange'>) => (
  <PartButtons
    noun="sensor"
    part={sensor}
    onRemoved={reload}
    form={(onClose) => (
      <SensorForm
        title="Change sensor"
        sensor={sensor}
        call={`PATCH /sensor/${sensor.id}`}
        onSaved={reload}
        onClose={onClose}
      />
    )}
  >
    <bdi>{sensor.name}</bdi> goes, with its channels. This cannot be undone.
  </PartButtons>
);

const One = ({ sensor, mayChange, reload }: OneProps) => (
  <li class="part">
    <header class="part-head">
      <h3>
        <bdi>{sensor.name}</bdi> {sensor.status === 0 && <InUse status={0} />}
      </h3>
      <p class="soft">
        Reports every {sensor.reporting} s, reads every {sensor.logging} s
      </p>
      {mayChange && (
        <div class="card-actions">
          <SensorButtons sensor={sensor} reload={reload} />
        </div>
      )}
    </header>
    <Channels sensor={sensor} mayChange={mayChange} />
  </li>
);

export function Sensors({ stationId, mayChange }: SensorsProps) {
  const [isAdding, setAdding] = useState(false);
  const pages = usePages(`sensors ${stationId}`, async (after, signal) => {
    const { sensors, paging } = await rest<{ sensors: Sensor[]; paging: Paging }>(
      `GET /station/${stationId}/sensor?page=${after ?? 1}&per_page=${PAGE_SIZE}`,
      undefined,
      signal,
    );
    return offsetPage(sensors, paging);
  });
  const { rows, failure, reload } = pages;
  return (
    <Section
      title="Sensors"
      actions={
        mayChange && (
          <button type="button" class="small" onClick={() => setAdding(true)}>
            Add sensor
          </button>
        )
      }
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      {!rows && !failure && <Skeleton lines={3} />}
      {rows?.length === 0 && (
        <Empty title="There is no sensor yet.">
          {mayChange && <p>Add the first with “Add sensor”. Then add what it measures.</p>}
        </Empty>
      )}
      <ul class="parts">
        {rows?.map((sensor) => (
          <One key={sensor.id} sensor={sensor} mayChange={mayChange} reload={reload} />
        ))}
      </ul>
      {pages.hasMore && (
        <button type="button" disabled={pages.busy} onClick={pages.readMore}>
          Load more
        </button>
      )}
      {isAdding && (
        <SensorForm
          title="Add sensor"
          call={`POST /station/${stationId}/sensor`}
          onSaved={reload}
          onClose={() => setAdding(false)}
        />
      )}
    </Section>
  );
}
