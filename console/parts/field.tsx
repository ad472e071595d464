/** What each field of a form has: its id, its error and its hint. */
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useId } from 'preact/hooks';
import type { Failure } from '../api/failure.ts';

/** How the form around a field is. */
export interface FormState {
  failure: Failure | undefined;
  busy: boolean;
}

export const FormContext = createContext<FormState>({ failure: undefined, busy: false });

/** The attributes of an input, and the texts around it. */
export function useField(name: string, hint?: ComponentChildren) {
  const id = useId();
  const { failure } = useContext(FormContext);
  const error = failure?.fields[name];
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].join(' ').trim();
  return {
    id,
    error,
    attributes: {
      id,
      name,
      ...(error ? { 'aria-invalid': 'true' as const } : {}),
      ...(described ? { 'aria-describedby': described } : {}),
    },
    notes: (
      <>
        {hint && (
          <small class="hint" id={`${id}-hint`}>
            {hint}
          </small>
        )}
        {error && (
          <small class="error" id={`${id}-error`}>
            {error}
          </small>
        )}
      </>
    ),
  };
}
