/** Which devices are shown: all, those of companies, or those in stock. */
import { useId } from 'preact/hooks';
import { useQuery } from '../../parts/url.ts';

const NAMES = { all: 'All', assigned: 'Assigned', stock: 'In stock' } as const;

export type Where = keyof typeof NAMES;

export function AssignFilter() {
  const id = useId();
  const [{ show = 'all' }, change] = useQuery();
  return (
    <div class="field">
      <label class="quiet" for={id}>
        Which devices
      </label>
      <select
        id={id}
        value={show in NAMES ? show : 'all'}
        onChange={({ currentTarget: { value } }) => change({ show: value === 'all' ? '' : value })}
      >
        {Object.entries(NAMES).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
