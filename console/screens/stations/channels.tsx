/** The channels of a sensor: what it measures. */
import { useState } from 'preact/hooks';
import { units } from '../../../src/domain/stations/units.ts';
import { rest } from '../../api/rest.ts';
import type { Channel, Paging, Sensor } from '../../api/types.ts';
import { Check, Choice, Field, flagOf, numberOf, textOf } from '../../parts/form.tsx';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Skeleton, Table } from '../../parts/list.tsx';
import { quoted } from '../../parts/notices.tsx';
import { offsetPage, PAGE_SIZE, usePages } from '../../parts/pages.ts';
import { Problem } from '../../parts/problem.tsx';
import { PartButtons } from './part-buttons.tsx';
import { InUse } from './projects.tsx';

const UNITS = units.map(({ id, name, unit }) => [id, unit ? `${name} (${unit})` : name] as const);

const unitOf = (id: number): string => UNITS.find(([one]) => one === id)?.[1] ?? String(id);

interface ChannelFormProps {
  title: string;
  channel?: Channel;
  call: string;
  onSaved(): void;
  onClose(): void;
}

const channelOf = (values: FormData) => ({
  name: textOf(values, 'name'),
  unit_id: Number(values.get('unit_id')),
  scale: numberOf(values, 'scale'),
  offset: numberOf(values, 'offset'),
  code: numberOf(values, 'code'),
  status: flagOf(values, 'status'),
});

const ChannelForm = ({ channel, call, ...dialog }: ChannelFormProps) => (
  <FormDialog
    {...dialog}
    {...(channel ? { submit: 'Save changes' } : {})}
    said="The channel is saved."
    save={(values) => rest(call, channelOf(values))}
  >
    <Field name="name" label="Name" defaultValue={channel?.name ?? ''} dir="auto" required />
    <Choice name="unit_id" label="Unit" choices={UNITS} value={channel?.unit_id ?? 1} />
    <div class="columns">
      <Field
        name="scale"
        label="Scale"
        inputMode="decimal"
        defaultValue={String(channel?.scale ?? 1)}
        hint="Raw readings are multiplied by it."
      />
      <Field
        name="offset"
        label="Offset"
        inputMode="decimal"
        defaultValue={String(channel?.offset ?? 0)}
        hint="Then this is added."
      />
    </div>
    <Field
      name="code"
      label="Position"
      inputMode="numeric"
      defaultValue={String(channel?.code ?? '')}
      hint={channel ? 'Among the readings of the sensor.' : 'Empty: the first free one.'}
    />
    <Check name="status" label="In use" checked={channel?.status !== 0} />
  </FormDialog>
);

const ChannelButtons = ({ channel, reload }: { channel: Channel; reload(): void }) => (
  <span class="button-row">
    <PartButtons
      noun="channel"
      part={channel}
      onRemoved={reload}
      form={(onClose) => (
        <ChannelForm
          title="Change channel"
          channel={channel}
          call={`PATCH /channel/${channel.id}`}
          onSaved={reload}
          onClose={onClose}
        />
      )}
    >
      <bdi>{channel.name}</bdi> goes. This cannot be undone.
    </PartButtons>
  </span>
);

const Name = ({ channel }: { channel: Channel }) => (
  <span class="entry">
    <strong>
      <bdi>{channel.name}</bdi> {channel.status === 0 && <InUse status={0} />}
    </strong>
    <small class="phone-only">{unitOf(channel.unit_id)}</small>
  </span>
);

export function Channels({ sensor, mayChange }: { sensor: Sensor; mayChange: boolean }) {
  const [isAdding, setAdding] = useState(false);
  const pages = usePages(`channels ${sensor.id}`, async (after, signal) => {
    const { channels, paging } = await rest<{ channels: Channel[]; paging: Paging }>(
      `GET /sensor/${sensor.id}/channel?page=${after ?? 1}&per_page=${PAGE_SIZE}`,
      undefined,
      signal,
    );
    return offsetPage(channels, paging);
  });
  const { rows, failure, reload } = pages;
  return (
    <>
      {failure && <Problem failure={failure} onRetry={reload} />}
      {!rows && !failure && <Skeleton lines={2} />}
      {rows?.length === 0 && <p class="hint">No channel yet: it measures nothing.</p>}
      {rows && rows.length > 0 && (
        <Table
          caption={`Channels of ${quoted(sensor.name)}`}
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { name: 'Channel', cell: (channel) => <Name channel={channel} /> },
            { name: 'Unit', wide: true, cell: ({ unit_id }) => unitOf(unit_id) },
            { name: 'Scale', wide: true, end: true, cell: ({ scale }) => scale },
            { name: 'Offset', wide: true, end: true, cell: ({ offset }) => offset },
            { name: 'Position', wide: true, end: true, cell: ({ code }) => code },
            ...(mayChange
              ? [
                  {
                    ...{ name: 'Actions', quiet: true, end: true },
                    cell: (channel: Channel) => (
                      <ChannelButtons channel={channel} reload={reload} />
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      <div class="form-buttons">
        {mayChange && (
          <button type="button" class="small" onClick={() => setAdding(true)}>
            Add channel
          </button>
        )}
        {pages.hasMore && (
          <button type="button" class="small" disabled={pages.busy} onClick={pages.readMore}>
            Load more
          </button>
        )}
      </div>
      {isAdding && (
        <ChannelForm
          title="Add channel"
          call={`POST /sensor/${sensor.id}/channel`}
          onSaved={reload}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}
