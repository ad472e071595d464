/** What journeys of the operator need: companies, device ids, and the way in. */
import type { Server } from '../server.ts';
import type { Visitor } from './visitor.ts';

/** Device ids that nobody else has: `<six letters or digits>` and a number. */
let lists = 0;
export const freshIds = (many: number): string[] => {
  const block = (Date.now() * 10 + (lists++ % 10)).toString(36).slice(-6).toUpperCase();
  return Array.from({ length: many }, (_, at) => block + String(10 + at));
};

let companies = 0;
export const freshName = (name: string) => `${name} ${Date.now()}-${++companies}`;

/** Signs in with the operator key, and opens a path. */
export async function enter({ page, open }: Visitor, server: Server, path: string): Promise<void> {
  await open(path);
  await page.getByText('Sign in as operator').first().click();
  await page.getByLabel('Operator key', { exact: true }).fill(server.operatorKey);
  await page.getByRole('button', { name: 'Sign in as operator' }).click();
}

/** Calls the API as the operator. */
export async function call<Data>({ url, operatorKey }: Server, query: string): Promise<Data> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${operatorKey}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: object[] };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

export async function newCompany(
  server: Server,
  name: string,
): Promise<{ id: string; key: string }> {
  const { made } = await call<{ made: { intermediary: { id: string }; secret: string } }>(
    server,
    `mutation { made: addIntermediary(input: { name: ${JSON.stringify(name)} }) {
      intermediary { id } secret } }`,
  );
  return { id: made.intermediary.id, key: made.secret };
}

export const rowsOf = ({ page }: Visitor) => page.getByRole('row');
