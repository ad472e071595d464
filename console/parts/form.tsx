/**
 * A form that shows errors in place and never loses its input: the fields keep it themselves, and
 * only a success empties or closes the form.
 */
import type {
  ComponentChildren,
  InputHTMLAttributes,
  PartialInputHTMLAttributes,
  TargetedSubmitEvent,
} from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf } from '../api/failure.ts';
import { FormContext, type FormState, useField } from './field.tsx';

export { useField } from './field.tsx';
export { flagOf, numberOf, textOf, textOrNull } from './values.ts';

export interface FormProps {
  /** What happens when it is sent. What it throws is shown at its fields. */
  onSubmit(values: FormData): Promise<unknown>;
  submit: string;
  /** The name of the submit button while the form is sent. */
  submitting?: string;
  /** Named when the fields are not enough to know what the form is for. */
  label?: string;
  danger?: boolean;
  /** More buttons, such as the one that closes a dialog. */
  buttons?: ComponentChildren;
  children: ComponentChildren;
}

const hasField = (form: HTMLFormElement, name: string): boolean =>
  form.elements.namedItem(name) !== null;

/** The message above the fields: what no field says. */
function messageOf(form: HTMLFormElement | null, { message, fields }: Failure): string {
  const homeless = Object.entries(fields).filter(([name]) => !form || !hasField(form, name));
  if (homeless.length > 0) return homeless.map(([, sentence]) => sentence).join(' ');
  return Object.keys(fields).length > 0
    ? 'Something is not right yet: see the marked fields.'
    : message;
}

export function Form({
  onSubmit,
  submit,
  submitting,
  label,
  danger,
  buttons,
  children,
}: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const sending = useRef(false);
  const [state, setState] = useState<FormState>({ failure: undefined, busy: false });
  const { failure, busy } = state;
  useEffect(() => {
    if (!failure) return;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    (wrong ?? form.current?.querySelector<HTMLElement>('.form-message'))?.focus();
  }, [failure]);
  const send = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (sending.current) return;
    sending.current = true;
    const values = new FormData(event.currentTarget);
    setState({ failure: undefined, busy: true });
    try {
      await onSubmit(values);
      setState({ failure: undefined, busy: false });
    } catch (thrown) {
      setState({ failure: failureOf(thrown), busy: false });
    } finally {
      sending.current = false;
    }
  };
  return (
    <form ref={form} class="form" noValidate onSubmit={send} aria-label={label} aria-busy={busy}>
      <FormContext.Provider value={state}>
        {failure && (
          <p class="form-message" role="alert" tabIndex={-1}>
            {messageOf(form.current, failure)}
          </p>
        )}
        {children}
      </FormContext.Provider>
      <div class="form-buttons">
        <button type="submit" class={danger ? 'danger' : 'primary'} disabled={busy}>
          {busy ? (submitting ?? 'Sending …') : submit}
        </button>
        {buttons}
      </div>
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  hint?: ComponentChildren;
}

interface InputProps
  extends FieldProps,
    Pick<
      PartialInputHTMLAttributes<HTMLInputElement>,
      | (
          | 'autoComplete'
          | 'defaultValue'
          | 'dir'
          | 'inputMode'
          | 'maxLength'
          | 'onChange'
          | 'onInput'
        )
      | ('placeholder' | 'required' | 'spellcheck' | 'value')
    > {
  /** The id of an `<Options>`. */
  list?: string;
  type?: 'text' | 'email' | 'password' | 'tel' | 'date' | 'datetime-local';
}

export function Field({ name, label, hint, type = 'text', ...input }: InputProps) {
  const { id, attributes, notes } = useField(name, hint);
  // The compiler does not know that these fit each of the types.
  const all = { autoComplete: 'off', ...input, ...attributes, type } as InputHTMLAttributes;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input {...all} />
      {notes}
    </div>
  );
}

interface ChoiceProps extends FieldProps {
  /** Value and name. */
  choices: readonly (readonly [value: string | number, name: string])[];
  value?: string | number | undefined;
  onChange?(value: string): void;
}

export function Choice({ name, label, hint, choices, value, onChange }: ChoiceProps) {
  const { id, attributes, notes } = useField(name, hint);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select {...attributes} onChange={(event) => onChange?.(event.currentTarget.value)}>
        {choices.map(([one, text]) => (
          <option key={one} value={one} selected={String(one) === String(value)}>
            {text}
          </option>
        ))}
      </select>
      {notes}
    </div>
  );
}

interface CheckProps extends FieldProps {
  value?: string;
  checked?: boolean;
  disabled?: boolean;
}

export function Check({ name, label, hint, value = '1', checked, disabled }: CheckProps) {
  const { id, attributes, notes } = useField(name, hint);
  return (
    <div class="field check">
      <input
        type="checkbox"
        {...attributes}
        value={value}
        defaultChecked={checked ?? false}
        disabled={disabled ?? false}
      />
      <label for={id}>{label}</label>
      {notes}
    </div>
  );
}

/** What a field with `list={id}` suggests. */
export const Options = ({ id, values }: { id: string; values: readonly string[] }) => (
  <datalist id={id}>
    {values.map((value) => (
      <option key={value} value={value} />
    ))}
  </datalist>
);

/** Fields that belong together. */
export function Group({ legend, children }: { legend: string; children: ComponentChildren }) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {children}
    </fieldset>
  );
}
