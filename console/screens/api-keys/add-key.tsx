/** Adding a key: what it may do and how long, then the key itself, once. */
import { useState } from 'preact/hooks';
import { Failure } from '../../api/failure.ts';
import { mutate } from '../../api/graphql.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Check, Choice, Field, Form, Group, textOf } from '../../parts/form.tsx';
import { EndField, endOf } from '../../parts/permission-words.tsx';
import { KeySecret } from './key-secret.tsx';
import { ALL_SCOPES, PRESET_NAMES, PRESETS, type Scope, scopeWords } from './scopes.ts';

const LIVES = [
  ['', 'Never'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
  ['own', 'At another time'],
] as const;

const DAY_MS = 86_400_000;

function expiryOf(values: FormData): string | null {
  const life = textOf(values, 'life');
  if (life === '') return null;
  if (life !== 'own') return new Date(Date.now() + Number(life) * DAY_MS).toISOString();
  const end = endOf(values);
  if (end) return end;
  throw new Failure('refused', '', { expiresAt: 'Enter a day and a time.' });
}

function scopesOf(values: FormData): Scope[] {
  const preset = textOf(values, 'preset');
  if (Object.hasOwn(PRESETS, preset)) return [...PRESETS[preset as keyof typeof PRESETS]];
  const scopes = ALL_SCOPES.filter((scope) => values.has(scope));
  if (scopes.length > 0) return scopes;
  throw new Failure('refused', '', { preset: 'Choose at least one thing that the key may do.' });
}

function Scopes() {
  const [preset, setPreset] = useState('app');
  return (
    <>
      <Choice
        name="preset"
        label="The key is for"
        choices={PRESET_NAMES}
        value={preset}
        onChange={setPreset}
      />
      {preset === 'own' && (
        <Group legend="The key may">
          {ALL_SCOPES.map((scope) => (
            <Check key={scope} name={scope} label={scopeWords(scope)} hint={<code>{scope}</code>} />
          ))}
        </Group>
      )}
    </>
  );
}

function Expiry() {
  const [life, setLife] = useState('');
  return (
    <>
      <Choice name="life" label="Expires" choices={LIVES} value={life} onChange={setLife} />
      {life === 'own' && <EndField label="Expires at" hint="In your time zone." />}
    </>
  );
}

interface AddKeyProps {
  onAdded(): void;
  onClose(): void;
}

export function AddKey({ onAdded, onClose }: AddKeyProps) {
  const [secret, setSecret] = useState<string>();
  const submit = async (values: FormData) => {
    const { secret } = await mutate<{ secret: string }>('addApiKey', 'secret', {
      name: textOf(values, 'name'),
      scopes: scopesOf(values),
      expiresAt: expiryOf(values),
    });
    setSecret(secret);
    onAdded();
  };
  if (secret !== undefined) {
    return <KeySecret title="Your new key" secret={secret} onDone={onClose} />;
  }
  return (
    <Dialog title="Add key" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Add key"
        submitting="Adding …"
        buttons={<Cancel onClose={onClose} />}
      >
        <Field
          name="name"
          label="Name"
          dir="auto"
          required
          hint="Which program uses it, such as “App server”. For people only."
        />
        <Scopes />
        <Expiry />
      </Form>
    </Dialog>
  );
}
