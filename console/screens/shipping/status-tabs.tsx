/** A link for each status of orders. */
import { STATUSES, type Status } from './orders.ts';

interface TabsProps {
  /** Null: all. */
  current: Status | null;
  /** Empty: all companies. */
  companyId: string;
}

const hrefOf = (status: string, company: string): string =>
  `/console/shipping?${new URLSearchParams({ status, ...(company ? { company } : {}) })}`;

export function StatusTabs({ current, companyId }: TabsProps) {
  const tabs: [Status | null, string][] = [
    ...(Object.keys(STATUSES) as Status[]).map((one): [Status, string] => [
      one,
      STATUSES[one].name,
    ]),
    [null, 'All'],
  ];
  return (
    <nav class="tabs" aria-label="Status">
      <ul>
        {tabs.map(([status, name]) => (
          <li key={name}>
            <a
              href={hrefOf(status ?? 'all', companyId)}
              aria-current={status === current ? 'page' : undefined}
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
