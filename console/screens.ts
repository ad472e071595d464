/** Every screen that has a link: its name, its path, who may open it, and where its code is. */
import type { ComponentType } from 'preact';
import type { IconName } from './parts/icons.tsx';
import type { Level, Person } from './session.tsx';

/** What comes after the screen's path: `/12/edit` gives `['12', 'edit']`. */
export interface ScreenProps {
  rest: string[];
}

export type ScreenModule = Promise<{ Screen: ComponentType<ScreenProps> }>;

export interface Screen {
  /** The name of its link, exactly. */
  name: string;
  /** Below `/console/`. */
  path: string;
  icon: IconName;
  /** The lowest level of member that may open it, or the operator. */
  for: Level | 'operator';
  /** Its code comes when it is opened. */
  load(): ScreenModule;
}

/** In the order of the navigation. */
export const screens: readonly Screen[] = [
  {
    ...{ name: 'People', path: 'people', icon: 'people', for: 2 },
    load: () => import('./screens/people/people.tsx'),
  },
  {
    ...{ name: 'Stations', path: 'stations', icon: 'stations', for: 4 },
    load: () => import('./screens/stations/stations.tsx'),
  },
  {
    ...{ name: 'Customers', path: 'customers', icon: 'customers', for: 2 },
    load: () => import('./screens/customers/customers.tsx'),
  },
  {
    ...{ name: 'Devices', path: 'devices', icon: 'devices', for: 2 },
    load: () => import('./screens/devices/devices.tsx'),
  },
  {
    ...{ name: 'Orders', path: 'orders', icon: 'orders', for: 2 },
    load: () => import('./screens/orders/orders.tsx'),
  },
  {
    ...{ name: 'API keys', path: 'api-keys', icon: 'keys', for: 1 },
    load: () => import('./screens/api-keys/api-keys.tsx'),
  },
  {
    ...{ name: 'Webhooks', path: 'webhooks', icon: 'webhooks', for: 1 },
    load: () => import('./screens/webhooks/webhooks.tsx'),
  },
  {
    ...{ name: 'Activity', path: 'activity', icon: 'activity', for: 1 },
    load: () => import('./screens/activity/activity.tsx'),
  },
  {
    ...{ name: 'Company', path: 'company', icon: 'company', for: 1 },
    load: () => import('./screens/company/company.tsx'),
  },
  {
    ...{ name: 'My account', path: 'account', icon: 'account', for: 4 },
    load: () => import('./screens/account/account.tsx'),
  },
  {
    ...{ name: 'Companies', path: 'companies', icon: 'companies', for: 'operator' },
    load: () => import('./screens/companies/companies.tsx'),
  },
  {
    ...{ name: 'Inventory', path: 'inventory', icon: 'inventory', for: 'operator' },
    load: () => import('./screens/inventory/inventory.tsx'),
  },
  {
    ...{ name: 'Shipping', path: 'shipping', icon: 'shipping', for: 'operator' },
    load: () => import('./screens/shipping/shipping.tsx'),
  },
  {
    ...{ name: 'System', path: 'system', icon: 'system', for: 'operator' },
    load: () => import('./screens/system/system.tsx'),
  },
];

/** The screens that the person may open. The first is where they begin. */
export const screensOf = (person: Person): Screen[] =>
  screens.filter((screen) =>
    screen.for === 'operator'
      ? person.kind === 'operator'
      : person.kind === 'member' && person.level <= screen.for,
  );
