/** D1 as it is, with an eye on how often it is asked. */
import { d1With, env } from './world.ts';

export interface Watched {
  DB: D1Database;
  /** Round trips since it was last set to 0. */
  trips: number;
}

export function watchD1(): Watched {
  const watched: Watched = {
    trips: 0,
    DB: d1With({
      batch(batch: D1PreparedStatement[]) {
        watched.trips++;
        return env.DB.batch(batch);
      },
    }),
  };
  return watched;
}
