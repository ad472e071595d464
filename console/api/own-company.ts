/** The company of the member who is signed in, and its settings. */
import type { PermissionKind } from './access.ts';
import { type Company, limitFields } from './companies.ts';
import { graphql, mutate } from './graphql.ts';

export interface OwnCompany extends Pick<Company, 'id' | 'name' | 'limits' | 'usage'> {
  requireSecondFactor: boolean;
  /** What a support session may be given. */
  supportPermissions: PermissionKind[];
}

export async function readOwnCompany(signal?: AbortSignal): Promise<OwnCompany> {
  const { caller } = await graphql<{ caller: { intermediary: OwnCompany } }>(
    `{ caller { intermediary {
      id name requireSecondFactor supportPermissions
      limits { ${limitFields} } usage { ${limitFields} }
    } } }`,
    {},
    signal,
  );
  return caller.intermediary;
}

export type Settings = Partial<Pick<OwnCompany, 'requireSecondFactor' | 'supportPermissions'>>;

export const updateCompany = (settings: Settings): Promise<unknown> =>
  mutate('updateCompany', '', settings);
