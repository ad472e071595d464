/** The form of a station. */
import type { Station } from '../../api/types.ts';
import { Check, Field, flagOf, numberOf, Options, textOf, textOrNull } from '../../parts/form.tsx';
import { FormDialog } from '../../parts/form-dialog.tsx';

interface StationFormProps {
  title: string;
  station?: Station;
  save(values: object): Promise<unknown>;
  onSaved(): void;
  onClose(): void;
}

/** The time zone of most stations is the reader's. */
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

const stationOf = (values: FormData) => {
  const [latitude, longitude] = [textOf(values, 'latitude'), textOf(values, 'longitude')];
  return {
    name: textOf(values, 'name'),
    code: textOf(values, 'code'),
    reporting: numberOf(values, 'reporting'),
    ref_logger_id: numberOf(values, 'ref_logger_id'),
    location: textOrNull(values, 'location'),
    ...(latitude ? { latitude } : {}),
    ...(longitude ? { longitude } : {}),
    timezone_name: textOf(values, 'timezone_name'),
    status: flagOf(values, 'status'),
  };
};

export const StationForm = ({ station, save, ...dialog }: StationFormProps) => (
  <FormDialog
    {...dialog}
    {...(station ? { submit: 'Save changes' } : {})}
    said="The station is saved."
    save={(values) => save(stationOf(values))}
  >
    <div class="columns">
      <Field name="name" label="Name" defaultValue={station?.name ?? ''} dir="auto" required />
      <Field
        name="code"
        label="Code"
        defaultValue={station?.code ?? ''}
        hint="Yours, 4 to 20 characters."
        required
      />
      <Field
        name="reporting"
        label="Reports every … seconds"
        inputMode="numeric"
        defaultValue={String(station?.reporting ?? 900)}
        required
      />
      <Field
        name="ref_logger_id"
        label="Kind of data logger"
        inputMode="numeric"
        defaultValue={String(station?.ref_logger_id ?? 1)}
        hint="A number of your own."
        required
      />
    </div>
    <Field
      name="location"
      label="Place"
      defaultValue={station?.location ?? ''}
      hint="In words: Mill Lane, Ely"
      dir="auto"
    />
    <div class="columns">
      <Field
        name="latitude"
        label="Latitude"
        inputMode="decimal"
        defaultValue={station?.latitude ?? ''}
        placeholder="52.398056"
      />
      <Field
        name="longitude"
        label="Longitude"
        inputMode="decimal"
        defaultValue={station?.longitude ?? ''}
        placeholder="0.262222"
      />
    </div>
    <Field
      name="timezone_name"
      label="Time zone"
      defaultValue={station?.timezone_name ?? HERE}
      list="zones"
      required
    />
    <Options id="zones" values={ZONES} />
    <Check name="status" label="In use" checked={station?.status !== 0} />
  </FormDialog>
);
