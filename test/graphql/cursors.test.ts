/** A cursor belongs to one list. Every other list refuses it. */
import { expect, it } from 'vitest';
import { newProject, newStaff, newStation } from '../rest/company.ts';
import { grant, type Json, newDevices, newTenant, newUser, newWorld, operator } from '../world.ts';

const world = newWorld();

/**
 * A list that has a first page: whose credential asks for it, and the document with the arguments
 * of the page.
 */
interface List {
  name: string;
  credential: string;
  document(page: string): string;
}

async function newLists(): Promise<List[]> {
  const tenant = await newTenant(world);
  const devices = await newDevices(world, tenant, 2);
  const users = [await newUser(world, tenant), await newUser(world, tenant)];
  const staff = await newStaff(world, tenant, 1);
  const member = { companyUser: { id: String(staff.id) } };
  for (const one of [...users.map(({ identifier }) => identifier), member]) {
    await grant(world, tenant, one, devices);
  }
  const project = await newProject(world, tenant.key);
  for (const _ of devices) await newStation(world, tenant.key, project.id);

  const list = (credential: string, name: string, more = ''): List => ({
    name: name + more,
    credential,
    document: (page) => `{ ${name}(${page}${more}) { edges { cursor } } }`,
  });
  const nested = (credential: string, parent: string, name: string): List => ({
    name: `${name} of ${parent}`,
    credential,
    document: (page) => `{ ${parent} { ${name}(${page}) { edges { cursor } } } }`,
  });
  return [
    list(tenant.key, 'users'),
    list(tenant.key, 'users', ', search: "user"'),
    list(tenant.key, 'devices'),
    ...users.map(({ externalId }) =>
      nested(
        tenant.key,
        `user(userIdentifier: { externalUser: { externalId: "${externalId}" } })`,
        'devices',
      ),
    ),
    nested(staff.token, 'viewer', 'devices'),
    nested(staff.token, 'viewer', 'stations'),
    list(tenant.key, 'auditEvents'),
    list(operator, 'intermediaries'),
  ];
}

const ask = async ({ credential, document }: List, page: string) => {
  const { data, errors } = await world.graphql(credential, document(page));
  const pages = JSON.stringify(data ?? null).match(/"cursor":"([^"]+)"/);
  return { cursor: pages?.[1] ?? '', errors: errors as Json };
};

it('goes on in its own list. Every other list, of any company, refuses it', async () => {
  const ours = await newLists();
  const lists = [...ours, ...(await newLists())];
  const cursors = await Promise.all(
    lists.map(async (list) => (await ask(list, 'first: 1')).cursor),
  );
  for (const [at, list] of ours.entries()) {
    for (const [from, cursor] of cursors.entries()) {
      const { errors } = await ask(list, `first: 1, after: "${cursor}"`);
      const why = `${list.name} with the cursor of ${lists[from]?.name}`;
      expect(cursor, why).not.toBe('');
      // The operator has one list for all companies.
      const isSame =
        at === from || [list, lists[from]].every((one) => one?.name === 'intermediaries');
      if (isSame) expect(errors, why).toBeUndefined();
      else expect(errors, why).toMatchObject([{ extensions: { code: 'INVALID' } }]);
    }
  }
});
