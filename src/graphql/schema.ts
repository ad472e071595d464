/** The whole schema. Each noun adds its part to the builder when it is imported. */
import './access-check.ts';
import './access.ts';
import './audit.ts';
import './caller.ts';
import './company.ts';
import './devices.ts';
import './keys.ts';
import './orders.ts';
import './permissions.ts';
import './sessions.ts';
import './system.ts';
import './tenants.ts';
import './time.ts';
import './users.ts';
import './viewer.ts';
import './webhooks.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

let built: GraphQLSchema | undefined;

/** The schema. It is built when it is first asked for: that is a quarter of the Worker's start. */
export function getSchema(): GraphQLSchema {
  built ??= builder.toSchema({ sortSchema: false });
  return built;
}
