/** The passkeys of a member. */
import { useState } from 'preact/hooks';
import type { Factors, Passkey } from '../../api/factors.ts';
import { addPasskey, hasPasskeys, removePasskey, renamePasskey } from '../../api/passkeys.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Table } from '../../parts/list.tsx';
import { useNotice } from '../../parts/notices.tsx';
import { Section } from '../../parts/page.tsx';
import { RecoveryCodes } from '../../parts/recovery-codes.tsx';
import { thisDevice } from '../../parts/this-device.ts';
import { Time } from '../../parts/time.tsx';
import type { FactorProps } from './factors.tsx';

/** What is open over the section. */
type Open = { add: true } | { rename: Passkey } | { remove: Passkey } | { codes: string[] } | null;

const LastUsed = ({ at }: { at: string | null }) =>
  at === null ? <>Never used</> : <Time at={at} near />;

interface ListProps {
  passkeys: Passkey[];
  open(what: Open): void;
}

const List = ({ passkeys, open }: ListProps) => (
  <Table
    caption="Passkeys"
    rows={passkeys}
    keyOf={({ id }) => id}
    columns={[
      {
        name: 'Passkey',
        cell: ({ name, last_used_at }) => (
          <span class="entry">
            <strong>
              <bdi>{name}</bdi>
            </strong>
            <small class="phone-only">
              <LastUsed at={last_used_at} />
            </small>
          </span>
        ),
      },
      { name: 'Added', wide: true, cell: ({ created_at }) => <Time at={created_at} /> },
      { name: 'Last used', wide: true, cell: ({ last_used_at: at }) => <LastUsed at={at} /> },
      {
        ...{ name: 'Actions', end: true, quiet: true },
        cell: (passkey) => (
          <span class="button-row">
            <button
              type="button"
              class="small"
              aria-label={`Rename ${passkey.name}`}
              onClick={() => open({ rename: passkey })}
            >
              Rename
            </button>
            <button
              type="button"
              class="small warns"
              aria-label={`Remove ${passkey.name}`}
              onClick={() => open({ remove: passkey })}
            >
              Remove
            </button>
          </span>
        ),
      },
    ]}
  />
);

/** Why none can be added here; undefined: one can. */
function whyNot({ fits_passkeys }: Factors): string | undefined {
  if (!fits_passkeys) {
    return (
      'This service has no passkeys at this address. The operator gives it a name by the setting ' +
      'PUBLIC_URL.'
    );
  }
  return hasPasskeys() ? undefined : 'This browser has no passkeys. Open the console in another.';
}

const NameField = ({ value }: { value: string }) => (
  <Field
    name="name"
    label="Name"
    defaultValue={value}
    maxLength={100}
    hint="So that you know it among others."
    dir="auto"
    required
  />
);

interface AskProps {
  open(what: Open): void;
  onChange(): void;
}

function Add({ open, onChange }: AskProps) {
  const say = useNotice();
  const close = () => open(null);
  const add = async (values: FormData) => {
    const { recovery_codes: codes } = await addPasskey(textOf(values, 'name'));
    say('The passkey is added.');
    onChange();
    open(codes && { codes });
  };
  return (
    <Dialog title="Add a passkey" onClose={close}>
      <Form
        onSubmit={add}
        submit="Go on"
        submitting="Waiting for your passkey …"
        buttons={<Cancel onClose={close} />}
      >
        <p class="prose">
          Your browser asks next where to keep it: on this device, on a phone or on a security key.
        </p>
        <NameField value={thisDevice()} />
      </Form>
    </Dialog>
  );
}

function Rename({ passkey, open, onChange }: AskProps & { passkey: Passkey }) {
  return (
    <FormDialog
      title="Rename the passkey"
      submit="Rename"
      save={(values) => renamePasskey(passkey.id, textOf(values, 'name'))}
      said="The passkey has another name."
      onSaved={onChange}
      onClose={() => open(null)}
    >
      <NameField value={passkey.name} />
    </FormDialog>
  );
}

interface RemoveProps extends AskProps {
  passkey: Passkey;
  /** It is the only second factor. */
  isLast: boolean;
}

function Remove({ passkey: { id, name }, isLast, open, onChange }: RemoveProps) {
  const say = useNotice();
  const remove = async () => {
    await removePasskey(id);
    say('The passkey is removed.');
    onChange();
  };
  return (
    <Confirm
      title={
        <>
          Remove <bdi>{name}</bdi>?
        </>
      }
      action="Remove"
      onConfirm={remove}
      onClose={() => open(null)}
    >
      <p>It no longer signs you in. Remove it from the device as well: only you can do that.</p>
      {isLast && (
        <p>Your password alone signs you in then, and your recovery codes no longer work.</p>
      )}
    </Confirm>
  );
}

export function Passkeys({ factors, account, onChange }: FactorProps) {
  const { passkeys, totp } = factors;
  const [now, open] = useState<Open>(null);
  const missing = whyNot(factors);
  const asking = { open, onChange };
  return (
    <Section
      title="Passkeys"
      about="Sign in with your finger, your face or a PIN, without your password."
      actions={
        !missing && (
          <button type="button" class="small" onClick={() => open({ add: true })}>
            Add a passkey
          </button>
        )
      }
    >
      {missing && <p class="prose">{missing}</p>}
      {passkeys.length > 0 && <List passkeys={passkeys} open={open} />}
      {passkeys.length === 0 && !missing && <Empty title="No passkeys yet." />}
      {now && 'add' in now && <Add {...asking} />}
      {now && 'rename' in now && <Rename {...asking} passkey={now.rename} />}
      {now && 'remove' in now && (
        <Remove {...asking} passkey={now.remove} isLast={!totp && passkeys.length === 1} />
      )}
      {now && 'codes' in now && (
        <Dialog title="Your recovery codes" onClose={() => open(null)} locked>
          <RecoveryCodes codes={now.codes} account={account} onKept={() => open(null)} />
        </Dialog>
      )}
    </Section>
  );
}
