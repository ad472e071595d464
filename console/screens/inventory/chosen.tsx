/**
 * What can be done with the devices that were chosen: give them to a company, or take them back.
 */

import { useState } from 'preact/hooks';
import type { CompanyName } from '../../api/companies.ts';
import { Failure } from '../../api/failure.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { CompanyChoice } from '../../parts/company-choice.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { assign, type Device, unassign } from './devices.ts';

interface ChosenProps {
  devices: Device[];
  onClear(): void;
  /** Something failed behind a part that was done. */
  onPart(): void;
  onDone(): void;
}

interface DialogProps extends Omit<ChosenProps, 'onClear'> {
  onClose(): void;
}

const wordsOf = (count: number): string => (count === 1 ? '1 device' : `${count} devices`);

const Ids = ({ devices }: { devices: Device[] }) => (
  <ul class="chips">
    {devices.slice(0, 20).map(({ deviceId }) => (
      <li key={deviceId} class="link">
        <code>{deviceId}</code>
      </li>
    ))}
    {devices.length > 20 && <li class="link">and {devices.length - 20} more</li>}
  </ul>
);

function Assign({ devices, onDone, onPart, onClose }: DialogProps) {
  const say = useNotice();
  const [company, setCompany] = useState<CompanyName>();
  const submit = async (values: FormData) => {
    if (!company) throw new Failure('refused', '', { intermediaryId: 'Choose a company.' });
    const meterId = textOf(values, 'meterId') || undefined;
    try {
      await assign(
        company.id,
        devices.map(({ deviceId }) => ({ deviceId, meterId })),
      );
    } catch (thrown) {
      onPart();
      throw thrown;
    }
    say(`${quoted(company.name)} has ${wordsOf(devices.length)} more.`);
    onDone();
    onClose();
  };
  return (
    <Dialog title={`Assign ${wordsOf(devices.length)}`} onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Assign"
        submitting="Assigning …"
        buttons={<Cancel onClose={onClose} />}
      >
        <Ids devices={devices} />
        <CompanyChoice label="Company" chosen={company} onChange={setCompany} />
        {devices.length === 1 && (
          <Field
            name="meterId"
            label="Meter"
            hint="The serial number of the power meter. It can stay empty."
          />
        )}
      </Form>
    </Dialog>
  );
}

function Unassign({ devices, onDone, onPart, onClose }: DialogProps) {
  const say = useNotice();
  const [first] = devices;
  const typed = devices.length === 1 ? (first?.deviceId ?? '') : wordsOf(devices.length);
  const confirm = async () => {
    try {
      await unassign(devices);
    } catch (thrown) {
      onPart();
      throw thrown;
    }
    say(`${wordsOf(devices.length)} went into stock.`);
    onDone();
  };
  return (
    <Confirm
      title={`Unassign ${wordsOf(devices.length)}?`}
      action="Unassign"
      typed={typed}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Ids devices={devices} />
      <p>
        They go into stock. All permissions on them end at once, and their meters are forgotten.
        This cannot be undone.
      </p>
    </Confirm>
  );
}

const DIALOGS = { assign: Assign, unassign: Unassign };

export function Chosen({ onClear, ...props }: ChosenProps) {
  const { devices } = props;
  const [asked, ask] = useState<keyof typeof DIALOGS>();
  const Asked = asked && DIALOGS[asked];
  if (devices.length === 0) return null;
  const inStock = devices.filter(({ intermediary }) => !intermediary);
  const isMixed = inStock.length > 0 && inStock.length < devices.length;
  return (
    <section class="chosen" aria-label="Chosen devices">
      <p role="status">{wordsOf(devices.length)} chosen</p>
      {isMixed && <p class="hint">Some are in stock and some are not: choose of one kind.</p>}
      {inStock.length === devices.length && (
        <button type="button" class="primary" onClick={() => ask('assign')}>
          Assign
        </button>
      )}
      {inStock.length === 0 && (
        <button type="button" class="warns" onClick={() => ask('unassign')}>
          Unassign
        </button>
      )}
      <button type="button" onClick={onClear}>
        Choose none
      </button>
      {Asked && <Asked {...props} onClose={() => ask(undefined)} />}
    </section>
  );
}
