/** Small pictures beside words. They say nothing that the words do not say. */

/** Paths in a square of 16. */
const PATHS = {
  latchkey: 'M6 9.5a3.2 3.2 0 1 1 0-6.4 3.2 3.2 0 0 1 0 6.4Zm2.3-1L14 14.2M11 11.3l1.7-1.7',
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  leave: 'M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3',
  people:
    'M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM1.8 13.2c0-2.2 1.8-3.6 4.2-3.6s4.2 1.4 4.2 ' +
    '3.6M10.8 3.2a2.1 2.1 0 0 1 0 4.1M11.8 9.8c1.5.4 2.4 1.6 2.4 3.2',
  stations:
    'M8 14V7.5M5.5 14h5M8 7.5a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8ZM4.6 9.3a4.7 4.7 0 ' +
    '0 1 0-6.6M11.4 9.3a4.7 4.7 0 0 0 0-6.6',
  customers:
    'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.8 13.6c.3-2.5 2.4-4 5.2-4s4.9 1.5 5.2 4',
  devices: 'M3.5 2.5h9v11h-9ZM5.7 5h4.6v2.6H5.7ZM6 10.8h1M9 10.8h1',
  orders: 'M2.5 5 8 2.3 13.5 5v6L8 13.7 2.5 11ZM2.5 5 8 7.8 13.5 5M8 7.8v5.9',
  keys: 'M5 11.3a2.8 2.8 0 1 1 0-5.6 2.8 2.8 0 0 1 0 5.6ZM7.8 8.5h6v2.3M11.2 8.5v1.8',
  webhooks:
    'M8 5.2 5.2 10M8 5.2l2.8 4.8M5.2 10h5.6M8 5.2a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8Z' +
    'M3.8 12.8a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8Z' +
    'M12.2 12.8a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8Z',
  activity: 'M1.5 8.5h3l2-5 3 9.5 2-4.5h3',
  account:
    'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 8.3a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM4.3 ' +
    '12.6c.5-1.7 1.9-2.6 3.7-2.6s3.2.9 3.7 2.6',
  company:
    'M3 13.5v-11h7v11M10 6.5h3.5v7M1.5 13.5h13M5.5 5v0M7.5 5v0M5.5 7.5v0M7.5 7.5v0M5.5 10v0' +
    'M7.5 10v0',
  companies: 'M2.5 13.5v-9L8 2v11.5M8 6l5.5 1.5v6M1.5 13.5h13M5 6v0M5 8.5v0M5 11v0M10.8 10v0',
  inventory: 'M2 4.5h12v9H2ZM2 4.5 3.5 2h9L14 4.5M6 7.5h4',
  shipping:
    'M1.5 4h8v7.5h-8ZM9.5 6.5h3l2 2.3v2.7h-5M4.5 13a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 ' +
    '2.8ZM11.7 13a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8Z',
  system: 'M2.5 3h11v4h-11ZM2.5 9h11v4h-11ZM5 5v0M5 11v0',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
