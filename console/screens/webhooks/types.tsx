/** Which events a webhook gets: all of some nouns, and single ones. */

import { useState } from 'preact/hooks';
import { Failure } from '../../api/failure.ts';
import { Check, Choice, Field, Group, textOf } from '../../parts/form.tsx';

const NOUNS = [
  ['user.*', 'Customers'],
  ['permission.*', 'Access to devices'],
  ['session.*', 'Sessions'],
  ['order.*', 'Orders'],
  ['device.*', 'Devices'],
  ['member.*', 'People'],
  ['project.*', 'Projects'],
  ['station.*', 'Stations'],
  ['sensor.*', 'Sensors'],
  ['channel.*', 'Channels'],
  ['apiKey.*', 'API keys'],
  ['webhook.*', 'Webhooks'],
  ['intermediary.*', 'Your company'],
] as const;

const isNoun = (type: string): boolean => NOUNS.some(([noun]) => noun === type);

const nameOf = (type: string): string => NOUNS.find(([noun]) => noun === type)?.[1] ?? type;

export const typeWords = (types: readonly string[]): string =>
  types.length === 0 ? 'All events' : types.map(nameOf).join(', ');

const WHICH = [
  ['all', 'All events'],
  ['some', 'Some events'],
] as const;

export function TypeFields({ types }: { types: readonly string[] }) {
  const [which, setWhich] = useState(types.length === 0 ? 'all' : 'some');
  return (
    <>
      <Choice name="which" label="Send" choices={WHICH} value={which} onChange={setWhich} />
      {which === 'some' && (
        <>
          <Group legend="All about">
            <div class="checks">
              {NOUNS.map(([noun, name]) => (
                <Check key={noun} name={noun} label={name} checked={types.includes(noun)} />
              ))}
            </div>
          </Group>
          <Field
            name="types"
            label="Single events"
            spellcheck={false}
            defaultValue={types.filter((type) => !isNoun(type)).join(', ')}
            hint="Optional, with commas between them, such as order.update, session.expire."
          />
        </>
      )}
    </>
  );
}

/** Empty: all. */
export function typesOf(values: FormData): string[] {
  if (values.get('which') === 'all') return [];
  const nouns = NOUNS.map(([noun]) => noun).filter((noun) => values.has(noun));
  const single = textOf(values, 'types')
    .split(/[\s,]+/)
    .filter((type) => type !== '');
  const types = [...nouns, ...single];
  if (types.length > 0) return types;
  throw new Failure('refused', '', { which: 'Choose what to send, or “All events”.' });
}
