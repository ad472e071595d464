/** The reference of the company API is an OpenAPI document that tools can work with. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, it } from 'vitest';
import { buildReference } from '../../src/reference/document.ts';

/** What the recommended rules of Redocly find fault with. */
async function faultsOf(source: string): Promise<string[]> {
  const problems = await lintFromString({
    source,
    absoluteRef: 'openapi.json',
    config: await createConfig({ extends: ['recommended'] }),
  });
  return problems.map(
    ({ severity, ruleId, message, location }) =>
      `${severity} ${ruleId} at ${location[0]?.pointer}: ${message}`,
  );
}

const source = JSON.stringify(buildReference());

/** What takes nothing in has nothing to refuse. */
const REFUSING_NOTHING = ['.well-known~1oauth-authorization-server', 'health', 'openapi.json'];

it('has nothing that a linter finds fault with, be it only for a warning', async () => {
  const faults = await faultsOf(source);
  const known = REFUSING_NOTHING.map((path) =>
    expect.stringMatching(`^warn operation-4xx-response at #/paths/~1${path}/get/responses:`),
  );
  expect(faults.toSorted()).toEqual(known);
});

it.each([
  ['error', 'a summary that is missing', '"summary":', '"x-summary":'],
  ['warn', 'an example that its schema does not have', '"example":{"', '"example":{"more":1,"'],
])('would be found out: %s for %s', async (severity, _, part, instead) => {
  expect(await faultsOf(source.replace(part, instead))).toContainEqual(
    expect.stringMatching(new RegExp(`^${severity} `)),
  );
});
