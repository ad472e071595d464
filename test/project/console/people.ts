/** Companies, members and what they have, for journeys through the console. */

import type { Server } from '../server.ts';
import { newKey } from '../shared.ts';

export const PASSWORD = 'correct horse battery 9';

export interface Company {
  key: string;
  graphql<Data>(query: string, variables?: object): Promise<Data>;
  /** Adds a member who can sign in; returns the address. */
  addMember(level: 1 | 2 | 3 | 4, name: string): Promise<string>;
  /** As the operator: gives the company devices. */
  assign(devices: { deviceId: string; meterId?: string }[]): Promise<void>;
}

async function post(url: string, body: object, credential?: string): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(credential ? { Authorization: `Bearer ${credential}` } : {}),
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

async function ask<Data>(url: string, credential: string, query: string, variables = {}) {
  const answer = await post(`${url}/graphql`, { query, variables }, credential);
  const { data, errors } = answer as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function addMember(url: string, key: string, level: number, name: string) {
  const email = `${crypto.randomUUID()}@example.com`;
  const { data } = (await post(
    `${url}/user`,
    {
      ...{ name, email, member_level_id: level, status: 1 },
      ...{ alarm_email: 0, alarm_sms: 0, station_ids: [] },
    },
    key,
  )) as { data: { user: { id: number } } };
  const reset = (await post(`${url}/user/${data.user.id}/password-reset`, {}, key)) as {
    data: { reset_token: string };
  };
  const { reset_token } = reset.data;
  await post(`${url}/password`, { reset_token, password: PASSWORD });
  return email;
}

export async function newCompany(server: Server, name: string): Promise<Company> {
  const { url, operatorKey } = server;
  const key = await newKey(server, name);
  const { caller } = await ask<{ caller: { intermediary: { id: string } } }>(
    ...([url, key, '{ caller { intermediary { id } } }'] as const),
  );
  return {
    key,
    graphql: (query, variables) => ask(url, key, query, variables),
    addMember: (level, name) => addMember(url, key, level, name),
    async assign(devices) {
      const query = 'mutation ($input: AddDevicesInput!) { addDevices(input: $input) { success } }';
      const input = { devices, intermediaryId: caller.intermediary.id };
      await ask(url, operatorKey, query, { input });
    },
  };
}
