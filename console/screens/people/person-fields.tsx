/** The fields of a person, and what a form sends of them. */
import type { User } from '../../api/types.ts';
import { Check, Choice, Field, flagOf, Group, textOf, textOrNull } from '../../parts/form.tsx';
import { LEVELS, ZONES } from '../../parts/words.ts';
import type { Level } from '../../session.tsx';

type Facts = Partial<User>;

/** Numbers and alarms: what people also change of themselves. */
export const ReachFields = ({ user }: { user: Facts }) => (
  <>
    <div class="columns">
      <Field
        name="sms"
        label="Number for SMS"
        type="tel"
        defaultValue={user.sms ?? ''}
        hint="With the country: +44 20 7946 0958"
      />
      <Field name="phone" label="Phone" type="tel" defaultValue={user.phone ?? ''} />
    </div>
    <Group legend="Alarms">
      <Check name="alarm_email" label="By e-mail" checked={user.alarm_email === 1} />
      <Check name="alarm_sms" label="By SMS" checked={user.alarm_sms === 1} />
      <Check name="alarm_voice" label="By a call" checked={user.alarm_voice === 1} />
    </Group>
    <Choice
      name="timezone_pref_id"
      label="Time zone"
      hint="In which times of readings are shown."
      choices={ZONES}
      value={user.timezone_pref_id ?? 3}
    />
  </>
);

export const reachOf = (values: FormData) => ({
  sms: textOrNull(values, 'sms'),
  phone: textOrNull(values, 'phone'),
  alarm_email: flagOf(values, 'alarm_email'),
  alarm_sms: flagOf(values, 'alarm_sms'),
  alarm_voice: flagOf(values, 'alarm_voice'),
  timezone_pref_id: Number(values.get('timezone_pref_id')),
});

interface PersonFieldsProps {
  user: Facts;
  /** The caller's level: nobody gives a higher one. */
  level: Level | 0;
  onLevel?(level: number): void;
}

export const PersonFields = ({ user, level, onLevel }: PersonFieldsProps) => (
  <>
    <div class="columns">
      <Field name="name" label="Name" defaultValue={user.name ?? ''} dir="auto" required />
      <Field
        name="email"
        label="E-mail"
        type="email"
        defaultValue={user.email ?? ''}
        {...(user.id ? { hint: 'A new address ends the password and all sessions.' } : {})}
        required
      />
    </div>
    <Choice
      name="member_level_id"
      label="Level"
      choices={LEVELS.filter(([one]) => one >= level)}
      value={user.member_level_id ?? 4}
      onChange={(value) => onLevel?.(Number(value))}
    />
    <ReachFields user={user} />
  </>
);

export const personOf = (values: FormData) => ({
  name: textOf(values, 'name'),
  email: textOf(values, 'email'),
  member_level_id: Number(values.get('member_level_id')),
  ...reachOf(values),
});

/** The values that differ from what was shown: what somebody else has changed meanwhile stays. */
export const changesOf = <Values extends object>(values: Values, shown: object): Partial<Values> =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== (shown as Values)[name as never]),
  ) as Partial<Values>;
