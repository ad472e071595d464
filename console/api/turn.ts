/**
 * Notices that another tab of this browser has signed in or out. Tabs share the cookie, so that a
 * call would be made in the name of somebody else. A tab that sleeps hears of it too late.
 */

/** Another value each time that somebody signs in or out. */
const TURN = 'latchkey-turn';

/** Null where a browser forbids storage: then tabs only know what they tell each other. */
function readTurn(): string | null {
  try {
    return localStorage.getItem(TURN);
  } catch {
    return null;
  }
}

let known = readTurn();
let asking = 0;

/** Whether the cookie may be another one than this tab believes. */
export const isOthersTurn = (): boolean => asking === 0 && readTurn() !== known;

/** Says that this tab has another cookie now. */
export function changeTurn(): void {
  known = crypto.randomUUID();
  try {
    localStorage.setItem(TURN, known);
  } catch {
    known = null;
  }
}

/**
 * Runs `ask`, which finds out whose cookie it is. If it succeeds, this tab knows. Returns its
 * result, and whether another tab had changed it.
 */
export async function learnTurn<Result>(ask: () => Promise<Result>): Promise<[Result, boolean]> {
  const turn = readTurn();
  asking++;
  try {
    const result = await ask();
    const isOther = turn !== known;
    known = turn;
    return [result, isOther];
  } finally {
    asking--;
  }
}
