/** Every route of the company API. The reference is made from it too. */
import { access } from './access.ts';
import { configPacket } from './config-packet.ts';
import { projects } from './projects.ts';
import type { Route } from './route.ts';
import { sensors } from './sensors.ts';
import { signingIn } from './sign-in.ts';
import { stations } from './stations.ts';
import { users } from './users.ts';

/** If paths overlap, the first wins. */
export const routes: readonly Route[] = [
  ...signingIn,
  ...users,
  ...access,
  ...projects,
  ...stations,
  ...sensors,
  ...configPacket,
];
