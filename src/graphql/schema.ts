/** The whole schema. Each noun adds its part to the builder when it is imported. */
import './access-check.ts';
import './access.ts';
import './audit.ts';
import './caller.ts';
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
import { builder } from './builder.ts';

export const schema = builder.toSchema();
