/**
 * Migrations that are out are never edited: databases that had them would not be what the code
 * expects.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** SHA-256 of each that is out. One that is new is added with its first release. */
const FROZEN: Record<string, string> = {
  '0000_start.sql': '1f9fa7d8b4e7f19284df0c367c01e37c714d62c5e3b806597cab94b066ab1d44',
  '0001_company.sql': '441b914371f45c5dc328c988cb3d650ade188a0883ca9137c906954bd030670d',
  '0002_growth.sql': '60c28b1bb0ccf8747d167d042b78f3f4f113f9711fae6ef96a1f2f829efa60ba',
  '0003_audit.sql': 'f385f56eaf29f7a2ef773b3bdcb6deebe548c7c8a10e3bb3ce56254c40d057fd',
  '0004_usage.sql': 'abc6d2766c4999c3acc4e3525ce04a6c559375639adfd826b20eb592655f2e0c',
  '0005_withdrawals.sql': '14e8a1dda2d1cd1c189029774f95136d900333c10543c3772a4c72d8ad5427ac',
  '0006_made.sql': '492af8c34cc366900972b6012d5606f0a97d92e7a8b4f492bc2bb1fe520915bb',
  '0007_addresses.sql': '6cfe7109157dee21007b0400a9aaa38563e233422cca11635f8f3eb8fd45a018',
  '0008_people.sql': 'b9dae6634055ce81cfef2d933ce6d8190e68ba926217ee274c50c09566ca668b',
  '0009_operator.sql': 'd4def7435b6bb8a43339076a358fc45ff6f500493805f4bd057592a5489c7587',
  '0010_webhooks.sql': '69051099ab8a349df26171fbdea5dedf9f92d78051891fdbaccf50cfed06322c',
};

/** The same for all line endings that git may write. */
const sumOf = (name: string) =>
  createHash('sha256')
    .update(readFileSync(`migrations/${name}`, 'utf8').replaceAll('\r\n', '\n'))
    .digest('hex');

it.each(Object.entries(FROZEN))('%s is as it was released', (name, sum) => {
  expect(sumOf(name), `${name} is frozen: write a new migration instead`).toBe(sum);
});

it('new ones come behind those that are out', () => {
  const [last = ''] = Object.keys(FROZEN).sort().reverse();
  const names = readdirSync('migrations').filter((name) => name.endsWith('.sql'));
  for (const name of names) {
    expect(name in FROZEN || name > last, `${name} sorts before ${last}`).toBe(true);
  }
});
