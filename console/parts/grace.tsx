/** How long what is replaced works on. */
import { Choice } from './form.tsx';

const GRACES = [
  [0, 'No longer: it stops at once'],
  [3600, 'For one more hour'],
  [86_400, 'For 24 more hours'],
  [604_800, 'For 7 more days'],
] as const;

export const GraceChoice = ({ label }: { label: string }) => (
  <Choice name="graceSeconds" label={label} choices={GRACES} value={86_400} />
);

/** In seconds. */
export const graceOf = (values: FormData): number => Number(values.get('graceSeconds'));
