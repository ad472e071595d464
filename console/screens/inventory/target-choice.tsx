/** Where devices go. */
import { Group } from '../../parts/form.tsx';

const TARGETS = { company: 'A company', stock: 'Into stock' } as const;

export type Target = keyof typeof TARGETS;

interface TargetProps {
  value: Target;
  onChange(target: Target): void;
}

export const TargetChoice = ({ value, onChange }: TargetProps) => (
  <Group legend="Who gets them">
    {(Object.keys(TARGETS) as Target[]).map((target) => (
      <label key={target} class="radio">
        <input
          type="radio"
          name="target"
          value={target}
          checked={target === value}
          onChange={() => onChange(target)}
        />
        {TARGETS[target]}
      </label>
    ))}
  </Group>
);
