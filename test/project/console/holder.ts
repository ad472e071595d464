/** A company that holds devices, and calls GraphQL. */
import { randomBytes } from 'node:crypto';
import type { Server } from '../server.ts';
import type { Company } from './company.ts';

/** As an id and as a name, it must stay what it is. */
export const HOSTILE = '"><script>alert(1)</script>\u202E..';

export interface Holder extends Company {
  /** A device with a meter. */
  reader: string;
  meter: string;
  /** A device without. */
  charger: string;
  /** Asks GraphQL with the company's key. */
  ask<Data>(query: string, variables?: object): Promise<Data>;
}

async function ask<Data>(url: string, credential: string, query: string, variables: object) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: object[] };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

export async function holderWith(server: Server, company: Company): Promise<Holder> {
  const { url, operatorKey } = server;
  const { caller } = await ask<{ caller: { intermediary: { id: string } } }>(
    ...([url, company.key, '{ caller { intermediary { id } } }', {}] as const),
  );
  const own = randomBytes(3).toString('hex').toUpperCase();
  const [reader, charger, meter] = [`${own}R1`, `${own}C1`, `METER-${own}`];
  const query = 'mutation ($input: AddDevicesInput!) { addDevices(input: $input) { success } }';
  const devices = [{ deviceId: reader, meterId: meter }, { deviceId: charger }];
  const input = { devices, intermediaryId: caller.intermediary.id };
  await ask(url, operatorKey, query, { input });
  return {
    ...company,
    ...{ reader, charger, meter },
    ask: (query, variables = {}) => ask(url, company.key, query, variables),
  };
}
