/** What calls are made in: a user of the large tenant, its key and its staff. */
import type { Env } from '../../src/front/settings.ts';
import type { Ids } from '../operations/operation.ts';
import { memberFields as fieldsOf } from '../operations/rest.ts';
import type { Person } from './fill.ts';
import { graphql, type Isolate } from './isolate.ts';

export interface Scene {
  env: Env;
  /** To prepare calls in; none is measured there. */
  isolate: Isolate;
  key: string;
  ids: Ids & Person;
  /** Tokens of members by level, those below 1 with the five stations of the user's thousand. */
  staff: Record<number, string>;
  /** Different in each scene. */
  label: string;
}

export interface Call {
  /** The request; or, without one, the sweep. */
  request?: Request;
  /** What it is to be answered, if not a yes. */
  status?: number;
}

export type Prepare = (scene: Scene) => Call | Promise<Call>;

export const userOf = ({ externalId }: Pick<Person, 'externalId'>) =>
  `userIdentifier: { externalUser: { externalId: "${externalId}" } }`;
export const memberOf = (id: number) => `userIdentifier: { companyUser: { id: "${id}" } }`;

export async function openSession(
  { isolate, key }: Pick<Scene, 'isolate' | 'key'>,
  identifier: string,
) {
  const { data } = await isolate.fetch(
    graphql(
      key,
      `mutation { addUserSession(input: { ${identifier} }) { success session { id ` +
        'accessToken } } }',
    ),
  );
  return data.addUserSession.session as { id: string; accessToken: string };
}

/** What `POST /user` is sent: a member of level 4 with stations. */
export const memberFields = ({ tenantId, stationIds }: Person, label: string) => ({
  ...fieldsOf({ tenantId, label }),
  member_level_id: 4,
  station_ids: stationIds,
});
