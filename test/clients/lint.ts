/**
 * Checks OpenAPI documents with Spectral's rules. `node lint.ts <openapi.json> …` prints one line
 * for each file, a JSON list of the problems.
 */
import { readFileSync } from 'node:fs';
import core, { type RulesetDefinition } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';

const spectral = new core.Spectral();
spectral.setRuleset({ extends: [rulesets.oas as unknown as RulesetDefinition], rules: {} });
for (const reference of process.argv.slice(2)) {
  const found = await spectral.run(JSON.parse(readFileSync(reference, 'utf8')));
  const faults = found.map(({ code, path, message }) => `${code} at ${path.join('/')}: ${message}`);
  console.log(JSON.stringify(faults));
}
