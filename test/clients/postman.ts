/**
 * The reference as a collection of Postman's, and a user created, read, changed and removed with
 * it: `node postman.ts <openapi.json> <key>` prints the name and status of each request.
 */
import { readFileSync } from 'node:fs';
import newman from 'newman';
import converter from 'openapi-to-postmanv2';

const [reference = '', key = ''] = process.argv.slice(2);
const WALK = ['Add user', 'Read user', 'Update user', 'Remove user'];

interface Item {
  name: string;
  item?: Item[];
  request?: { url: { variable?: { key: string; value: string }[] } };
  event?: object[];
}

const collection = await new Promise<{ item: Item[] }>((converted, failed) => {
  const input = { type: 'string' as const, data: readFileSync(reference, 'utf8') };
  converter.convert(input, { requestParametersResolution: 'Example' }, (error, result) => {
    const output = result?.result ? result.output?.[0]?.data : undefined;
    if (output) converted(output as unknown as { item: Item[] });
    else failed(error ?? new Error(result?.reason));
  });
});

const requestsIn = ({ item, ...rest }: Item): Item[] => item?.flatMap(requestsIn) ?? [rest];

/** The id of the user that was created goes into the paths behind. */
const walk = WALK.map((name) => {
  const found = collection.item.flatMap(requestsIn).find((request) => request.name === name);
  if (!found) throw new Error(`The collection has no request "${name}".`);
  for (const variable of found.request?.url.variable ?? []) variable.value = '{{userId}}';
  const exec =
    'if (pm.info.requestName === "Add user") pm.collectionVariables.set("userId", ' +
    'pm.response.json().data.user.id)';
  return { ...found, event: [{ listen: 'test', script: { exec: [exec] } }] };
});

newman.run(
  {
    collection: { ...collection, item: walk } as unknown as newman.NewmanRunOptions['collection'],
    envVar: [{ key: 'bearerToken', value: key }],
    reporters: [],
  },
  (error, { run }) => {
    if (error) throw error;
    const done = run.executions.map(({ item, response }) => [item.name, response?.code]);
    console.log(JSON.stringify(done));
  },
);
