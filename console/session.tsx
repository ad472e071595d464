/** Who is signed in. */
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf } from './api/failure.ts';
import { graphql, mutate } from './api/graphql.ts';
import { send, sessionEvents } from './api/request.ts';
import { refusalOf, rest } from './api/rest.ts';
import { changeTurn, learnTurn } from './api/turn.ts';
import type { User } from './api/types.ts';
import { quoted, useNotice } from './parts/notices.tsx';

export type Level = 1 | 2 | 3 | 4;

export type Person =
  | { kind: 'member'; id: string; name: string; level: Level; user: User }
  | { kind: 'operator'; id: 'operator'; name: string };

async function readMember(): Promise<Person> {
  const { user } = await rest<{ user: User }>('GET /user/me');
  const name = user.name ?? user.email ?? '';
  return { kind: 'member', id: String(user.id), name, level: user.member_level_id ?? 4, user };
}

async function readOperator(): Promise<Person> {
  await graphql('{ caller { kind } }');
  return { kind: 'operator', id: 'operator', name: 'Operator' };
}

const READERS = { member: readMember, operator: readOperator };
type Kind = keyof typeof READERS;

/** Asks who is signed in. Throws a Failure, `signedOut` if nobody is. */
export async function readPerson(): Promise<Person> {
  const [kind, other] = keptKind() === 'operator' ? OPERATOR_FIRST : MEMBER_FIRST;
  try {
    return await READERS[kind]();
  } catch (thrown) {
    if (failureOf(thrown).reason !== 'forbidden') throw thrown;
    return READERS[other]();
  }
}

const MEMBER_FIRST = ['member', 'operator'] as const;
const OPERATOR_FIRST = ['operator', 'member'] as const;

/** Who signed in last, so that the right question comes first. It opens nothing. */
const KIND = 'latchkey-kind';

function keptKind(): string | null {
  // Some browsers forbid storage.
  try {
    return localStorage.getItem(KIND);
  } catch {
    return null;
  }
}

function keepKind(kind: Kind): void {
  try {
    localStorage.setItem(KIND, kind);
  } catch {
    // The question that comes first may be the wrong one.
  }
}

export type Proof =
  | { email: string; password: string; company_id?: number; code?: string }
  | { operatorKey: string }
  | { passkey: object };

/** Signs in: the answer sets the cookie. Throws a Failure with what is wrong by field. */
export async function signIn(proof: Proof): Promise<void> {
  const response = await send({ method: 'POST', path: '/console/session', body: proof });
  if (!response.ok) throw await refusalOf(response);
  noteSignIn('operatorKey' in proof ? 'operator' : 'member');
}

/** An answer has set the cookie: other tabs have it too. */
export function noteSignIn(kind: Kind): void {
  keepKind(kind);
  tellTabs();
}

/**
 * Ends the session, here or, with `everywhere`, all sessions of this person. Throws a Failure while
 * the cookie is still there. Returns what else the person must know.
 */
export async function signOut(everywhere = false): Promise<string | null> {
  if (everywhere) await mutate('removeOwnSessions', '', {});
  const response = await send({ method: 'DELETE', path: '/console/session' });
  tellTabs();
  // The answer takes the cookie away even if the session could not be ended.
  return response.ok || response.status === 401 ? null : (await refusalOf(response)).message;
}

/** Other tabs of this browser have the same cookie. */
const tabs = new BroadcastChannel('latchkey-session');
const tellTabs = () => {
  changeTurn();
  tabs.postMessage('changed');
};

/** `unknown` until the first answer. `locked`: the session of this person has ended. */
export interface Session {
  state: 'unknown' | 'out' | 'in' | 'locked' | 'failed';
  person: Person | null;
  failure: Failure | null;
  /** Rises when somebody signs in again: what failed meanwhile is read again. */
  epoch: number;
  /** Asks again who is signed in. */
  refresh(): Promise<void>;
  /** Shows the page for signing in. */
  leave(): void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('There is no session provider around this.');
  return session;
}

/** The person who is signed in. For screens: they are shown to nobody else. */
export function usePerson(): Person {
  const { person } = useSession();
  if (!person) throw new Error('Nobody is signed in.');
  return person;
}

/** The level of the member. The operator has none: 0. */
export function useLevel(): Level | 0 {
  const person = usePerson();
  return person.kind === 'member' ? person.level : 0;
}

type Facts = Pick<Session, 'state' | 'person' | 'failure' | 'epoch'>;

const NOBODY: Facts = { state: 'unknown', person: null, failure: null, epoch: 0 };

const found =
  ([person, isOther]: [Person, boolean]) =>
  (old: Facts): Facts => ({
    ...{ state: 'in', person, failure: null },
    epoch: isOther || old.state === 'locked' ? old.epoch + 1 : old.epoch,
  });

/** A session that ends keeps its screen, and so what was entered there. */
const lost = (failure: Failure) => (old: Facts) => {
  const state = failure.reason === 'signedOut' ? (old.person ? 'locked' : 'out') : 'failed';
  return old.person && state === 'failed' ? old : ({ ...old, state, failure } satisfies Facts);
};

export function SessionProvider({ children }: { children: ComponentChildren }) {
  const [facts, set] = useState(NOBODY);
  const shown = useRef<Person | null>(null);
  shown.current = facts.person;
  const say = useNotice();
  const read = async () => {
    try {
      const learned = await learnTurn(readPerson);
      const [{ id, name }, isOther] = learned;
      if (isOther && shown.current && shown.current.id !== id) {
        say(`You are signed in as ${quoted(name)} now, since another tab is.`);
      }
      set(found(learned));
    } catch (thrown) {
      set(lost(failureOf(thrown)));
    }
    reading.current = undefined;
  };
  const reading = useRef<Promise<void> | undefined>(undefined);
  const join = () => {
    reading.current ??= read();
    return reading.current;
  };
  // The answer on its way may be an old one.
  const refresh = async () => {
    await reading.current;
    await join();
  };
  const leave = () => set({ ...NOBODY, state: 'out' });
  useEffect(() => {
    const listeners = new AbortController();
    const { signal } = listeners;
    const lock = () => set((old) => (old.person ? { ...old, state: 'locked' } : old));
    sessionEvents.addEventListener('signedOut', lock, { signal });
    // Somebody may do less than before: then the navigation shows less.
    sessionEvents.addEventListener('forbidden', join, { signal });
    sessionEvents.addEventListener('changed', refresh, { signal });
    tabs.addEventListener('message', refresh, { signal });
    refresh();
    return () => listeners.abort();
  }, []);
  return (
    <SessionContext.Provider value={{ ...facts, refresh, leave }}>
      {children}
    </SessionContext.Provider>
  );
}
