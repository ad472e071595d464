/** Companies with members, for journeys through the console. */
import type { Server } from '../server.ts';
import { newKey } from '../shared.ts';

export const PASSWORD = 'a lamp in the fourth window';

export type Level = 1 | 2 | 3 | 4;

interface Member {
  id: number;
  email: string;
}

export interface Company {
  key: string;
  /** Calls the company API with the company's key. */
  call<Data>(call: string, body?: object): Promise<Data>;
  /** Adds a member, who can sign in with PASSWORD. */
  addMember(level: Level, name: string, more?: object): Promise<Member>;
}

let companies = 0;

/** A new company. `name` begins the addresses of its members. */
export async function newCompany(server: Server, name: string): Promise<Company> {
  const key = await newKey(server, name);
  const domain = `${name}-${++companies}-${Date.now()}.example`;
  const call = async <Data>(call: string, body?: object): Promise<Data> => {
    const [method = '', path = ''] = call.split(' ');
    const answer = await fetch(server.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const { data, message } = (await answer.json()) as { data: Data; message?: object };
    if (!answer.ok) throw new Error(`${call}: ${JSON.stringify(message)}`);
    return data;
  };
  let members = 0;
  const addMember = async (level: Level, name: string, more: object = {}): Promise<Member> => {
    const email = `m${++members}@${domain}`;
    const { user } = await call<{ user: Member }>('POST /user', {
      ...{ name, email, member_level_id: level, status: 1, alarm_email: 0, alarm_sms: 0 },
      ...{ station_ids: [], ...more },
    });
    const path = `POST /user/${user.id}/password-reset`;
    const { reset_token } = await call<{ reset_token: string }>(path, {});
    await call('POST /password', { reset_token, password: PASSWORD });
    return { id: user.id, email };
  };
  return { key, call, addMember };
}
