/** Prints how people come into the console. */
import { SECRETS } from '../local.ts';

interface Ways {
  email: string;
  password: string;
  /** Whether the operator key was named in an option. */
  isGivenKey: boolean;
}

/** The console's address: on this machine by a name, which is what browsers have passkeys for. */
export function consoleOf(url: string): string {
  const { protocol, hostname, host, port } = new URL(url);
  return hostname === '127.0.0.1'
    ? `${protocol}//localhost:${port}/console`
    : `${protocol}//${host}/console`;
}

/** Says nothing where the deployment has no console. */
export async function tellWaysIn(
  url: string,
  { email, password, isGivenKey }: Ways,
): Promise<void> {
  const answer = await fetch(`${url}/console`, { redirect: 'manual' });
  if (answer.status === 404) return;
  console.log(`
Demo Energy and the inventory have some more of everything. People see it in the console:

  ${consoleOf(url)}

  A member    ${email}
  Password    ${password}
  Operator    the key ${isGivenKey ? 'that you gave' : `in ${SECRETS}: OPERATOR_KEY`}
`);
}
