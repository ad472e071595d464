/** What a company holds of what it may, as bars. */
import { type Company, LIMITS, limitNames } from '../api/companies.ts';
import { Bar } from './bar.tsx';

const COUNT = new Intl.NumberFormat();

export const Usage = ({ of: { usage, limits } }: { of: Pick<Company, 'usage' | 'limits'> }) => (
  <ul class="limits">
    {limitNames.map((name) => (
      <li key={name}>
        <span>{LIMITS[name]}</span>
        <span class="of">
          <strong>{COUNT.format(usage[name])}</strong> of {COUNT.format(limits[name])}
        </span>
        <Bar label={LIMITS[name]} value={usage[name]} most={limits[name]} />
      </li>
    ))}
  </ul>
);
