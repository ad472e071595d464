/** What the script runs in workerd. */
import type { Env } from '../../src/front/settings.ts';
import { measure } from './measure.ts';

export default {
  async fetch(request, env) {
    const users = Number(new URL(request.url).searchParams.get('users'));
    return Response.json(await measure(env, users));
  },
} satisfies ExportedHandler<Env>;
