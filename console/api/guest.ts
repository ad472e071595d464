/** The calls that need no session: they go to the company API itself. */
import { send } from './request.ts';
import { refusalOf } from './rest.ts';

async function post(path: string, body: object): Promise<void> {
  const response = await send({ method: 'POST', path, body });
  if (!response.ok) throw await refusalOf(response);
}

/** Sets a password. It ends all sessions of the member. */
export const setPassword = (token: string, password: string): Promise<void> =>
  post('/password', { reset_token: token, password });

/** Asks for a link by mail. The answer is the same for each address. */
export const askForReset = (email: string): Promise<void> => post('/password-reset', { email });
