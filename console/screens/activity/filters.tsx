/** The filters of the activity. They live in the URL. */
import { useState } from 'preact/hooks';
import { Choice, Field } from '../../parts/form.tsx';
import { Icon } from '../../parts/icons.tsx';
import { useQuery } from '../../parts/url.ts';
import { ChooseSomebody } from './choose-somebody.tsx';

/** Nouns of actions, as people call them. */
const ACTIONS = [
  ['', 'Everything'],
  ['member.*', 'People'],
  ['member.signInFailed', 'Failed sign-ins'],
  [
    'member.addFactor,member.removeFactor,member.removeFactors,member.renewRecoveryCodes',
    'Second factors',
  ],
  ['user.*', 'Customers'],
  ['permission.*', 'Permissions'],
  ['session.*', 'Sessions'],
  ['order.*', 'Orders'],
  ['device.*', 'Devices'],
  ['project.*,station.*,sensor.*,channel.*', 'Stations'],
  ['apiKey.*', 'API keys'],
  ['webhook.*', 'Webhooks'],
  ['intermediary.*,company.*', 'Company'],
] as const;

interface SomebodyFilterProps {
  /** The name of the filter in the URL. */
  name: 'by' | 'about';
  label: string;
  kind: 'member' | 'customer';
}

/** A person or a customer: chosen in a dialog, named in the URL besides. */
function SomebodyFilter({ name, label, kind }: SomebodyFilterProps) {
  const [query, change] = useQuery();
  const [isOpen, setOpen] = useState(false);
  const chosen = query[name];
  const words = query[`${name}Name`] ?? chosen;
  return (
    <div class="field">
      <span class="label">{label}</span>
      <div class="joined">
        <button
          type="button"
          onClick={() => setOpen(true)}
          aria-label={`${label}: ${words ?? 'Anybody'}`}
        >
          <bdi>{words ?? 'Anybody'}</bdi>
        </button>
        {chosen && (
          <button
            type="button"
            aria-label={`${label}: anybody`}
            onClick={() => change({ [name]: '', [`${name}Name`]: '' })}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      {isOpen && (
        <ChooseSomebody
          title={label}
          kind={kind}
          onChoose={(id, words) => {
            setOpen(false);
            change({ [name]: id, [`${name}Name`]: words });
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}

/** Changes the URL when the field is left, or Enter is pressed in it. */
function TextFilter(props: { name: string; label: string; type?: 'text' | 'date' }) {
  const { name, label, type = 'text' } = props;
  const [query, change] = useQuery();
  const value = query[name] ?? '';
  return (
    <Field
      key={value}
      name={name}
      label={label}
      type={type}
      defaultValue={value}
      onChange={(event) => change({ [name]: event.currentTarget.value.trim() })}
    />
  );
}

export function Filters() {
  const [{ actions = '' }, change] = useQuery();
  return (
    <div class="filters">
      <SomebodyFilter name="by" label="Person" kind="member" />
      <SomebodyFilter name="about" label="Customer" kind="customer" />
      <TextFilter name="device" label="Device ID" />
      <Choice
        name="actions"
        label="Action"
        choices={ACTIONS}
        value={actions}
        onChange={(value) => change({ actions: value })}
      />
      <TextFilter name="from" label="From" type="date" />
      <TextFilter name="to" label="To" type="date" />
    </div>
  );
}
