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

/** What a browser remembers of the operator who signed in there. */
type Memory = Awaited<ReturnType<Visitor['context']['storageState']>>;
let memory: Memory | undefined;

async function recall({ context, page, open }: Visitor, { cookies, origins }: Memory) {
  await context.addCookies(cookies);
  // Any page of the origin will do: what is stored belongs to it.
  await open('/console/forgot');
  const stored = origins.flatMap(({ localStorage }) => localStorage);
  await page.evaluate((entries) => {
    for (const { name, value } of entries) localStorage.setItem(name, value);
  }, stored);
}

/**
 * Opens a path as the operator, who signs in once, with the operator key: ten times a minute are
 * the most.
 */
export async function enter(visitor: Visitor, server: Server, path: string): Promise<void> {
  const { page, context, open } = visitor;
  if (memory) {
    await recall(visitor, memory);
    return open(path);
  }
  await open(path);
  await page.getByText('Sign in as operator').first().click();
  const key = page.getByLabel('Operator key', { exact: true });
  await key.fill(server.operatorKey);
  await page.getByRole('button', { name: 'Sign in as operator' }).click();
  await key.waitFor({ state: 'detached' });
  memory = await context.storageState();
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
