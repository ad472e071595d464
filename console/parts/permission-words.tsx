/** Kinds of permissions in words, and fields for one and its end. */
import type { Permission, PermissionKind } from '../api/access.ts';
import { Failure } from '../api/failure.ts';
import { Badge } from './badge.tsx';
import { Field, textOf } from './form.tsx';
import { dateOf, Time } from './time.tsx';

export const KINDS = [
  ['VIEW', 'See readings'],
  ['CHARGE', 'Control charging'],
] as const satisfies [PermissionKind, string][];

export const kindWords: Record<PermissionKind, string> = {
  VIEW: 'See readings',
  CHARGE: 'Control charging',
};

/** The mutations that grant and withdraw each kind. */
export const MUTATIONS = {
  VIEW: ['addDevicePermissions', 'removeDevicePermissions'],
  CHARGE: ['addChargingPermission', 'removeChargingPermission'],
} as const satisfies Record<PermissionKind, [string, string]>;

export const PermissionBadge = ({ permission, expiresAt }: Permission) => (
  <span class="permission">
    <Badge tone="good">{kindWords[permission]}</Badge>{' '}
    {expiresAt && (
      <small class="soft">
        until <Time at={expiresAt} />
      </small>
    )}
  </span>
);

/** `2026-11-26T10:30` in the reader's time zone, as the field wants it. */
function localOf(at: string): string {
  const date = dateOf(at);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

interface EndFieldProps {
  expiresAt?: string | null;
  label?: string;
  hint?: string;
}

export const EndField = ({
  expiresAt,
  label = 'Ends',
  hint = 'Leave it empty for no end. In your time zone.',
}: EndFieldProps) => (
  <Field
    name="expiresAt"
    label={label}
    type="datetime-local"
    defaultValue={expiresAt ? localOf(expiresAt) : ''}
    hint={hint}
  />
);

/** The end in a form, as the API wants it. Null: none. */
export function endOf(values: FormData): string | null {
  const text = textOf(values, 'expiresAt');
  if (text === '') return null;
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new Failure('refused', '', { expiresAt: 'Enter a day and a time.' });
}
