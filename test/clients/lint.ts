/** What the rules of Spectral for OpenAPI find fault with: `node lint.ts <openapi.json>` prints each in a line. */
import { readFileSync } from 'node:fs';
import core, { type RulesetDefinition } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';

const [reference = ''] = process.argv.slice(2);
const spectral = new core.Spectral();
spectral.setRuleset({ extends: [rulesets.oas as unknown as RulesetDefinition], rules: {} });
for (const { code, path, message } of await spectral.run(
  JSON.parse(readFileSync(reference, 'utf8')),
)) {
  console.log(`${code} at ${path.join('/')}: ${message}`);
}
