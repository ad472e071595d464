/** D1 as it is, with an eye on how often it is asked. */
import { env } from './world.ts';

export interface Watched {
  DB: D1Database;
  /** Round trips since it was last set to 0. */
  trips: number;
}

export function watchD1(): Watched {
  const watched: Watched = {
    trips: 0,
    DB: {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch(batch: D1PreparedStatement[]) {
        watched.trips++;
        return env.DB.batch(batch);
      },
    } as unknown as D1Database,
  };
  return watched;
}
