/** What each client is asked to do: a user is created, read, changed and removed. */
export interface Walked {
  created: { id: number; name: string | null };
  read: { id: number; name: string | null };
  changed: { id: number; name: string | null };
  /** Of reading it once it is removed. */
  status: number;
  /** Of creating one without a name, and what is said about it. */
  refused: { status: number; name: string | undefined };
}

export const NEW_NAME = 'Ada King';

/** Stops where a call that must be done was not. */
export function done<Data>(data: Data | undefined): Data {
  if (data === undefined) throw new Error('The call was refused.');
  return data;
}
