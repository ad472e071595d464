/** Names for values that are numbers in the API. */
import type { User } from '../api/types.ts';
import type { Level } from '../session.tsx';

/** What each level may do, as the table of rules says. */
export const LEVELS = [
  [1, 'Level 1: everything, with all stations, keys, webhooks and activity'],
  [2, 'Level 2: people, customers, devices, orders, their projects and stations'],
  [3, 'Level 3: their stations, with sensors and channels'],
  [4, 'Level 4: reads what is about their stations'],
] as const satisfies [Level, string][];

export const ZONES = [
  [3, 'The station’s'],
  [2, 'Their own'],
  [1, 'UTC'],
] as const;

/** How somebody is told of alarms, in a few words. */
export function alarmWords(user: User): string {
  const ways = [
    user.alarm_email === 1 && 'e-mail',
    user.alarm_sms === 1 && 'SMS',
    user.alarm_voice === 1 && 'call',
  ].filter((way) => way !== false);
  return ways.length > 0 ? new Intl.ListFormat('en').format(ways) : 'None';
}
