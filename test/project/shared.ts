/** The one server that most files share. */
import { inject } from 'vitest';
import type { Server } from './server.ts';

/** The server that all files share: each makes companies of its own there. */
export async function sharedServer(): Promise<Server> {
  const answer = await fetch(inject('starter'));
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Server;
}

/** A new company's API key. */
export async function newKey({ url, operatorKey }: Server, name = 'Acme'): Promise<string> {
  const query =
    'mutation ($input: AddIntermediaryInput!) { addIntermediary(input: $input) { secret } }';
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${operatorKey}` },
    body: JSON.stringify({ query, variables: { input: { name } } }),
  });
  const { data } = (await answer.json()) as { data: { addIntermediary: { secret: string } } };
  return data.addIntermediary.secret;
}
