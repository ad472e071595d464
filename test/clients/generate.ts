/** Makes clients from a reference, as its users do: `node generate.ts <openapi.json> <folder>`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createClient } from '@hey-api/openapi-ts';
import openapiTS, { astToString } from 'openapi-typescript';
import { generate } from 'orval';

const [reference = '', folder = ''] = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
const document = JSON.parse(readFileSync(reference, 'utf8'));
writeFileSync(`${folder}/openapi-typescript.ts`, astToString(await openapiTS(document)));
await generate({
  input: { target: reference },
  output: {
    target: `${folder}/orval.ts`,
    client: 'fetch',
    mode: 'single',
    baseUrl: { getBaseUrlFromSpecification: true },
    // Where a body may have several types, orval sends JSON and does not say so.
    override: { contentType: { include: ['application/json'] } },
  },
});
await createClient({
  input: reference,
  output: `${folder}/hey-api`,
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
