/** `npm run demo`: from nothing to a shipped order, each call as a curl that can be pasted, with its real answer. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { localOperatorKey } from './local.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    /** The operator's key; left out: the one in .dev.vars. */
    key: { type: 'string' },
  },
});

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

interface Refusable {
  success?: boolean;
}

/** Sends a document, prints the call and its answer, and gives its one root field. */
async function step<Answer extends Refusable>(
  title: string,
  credential: string,
  query: string,
): Promise<Answer> {
  const body = JSON.stringify({ query: query.replace(/\s+/g, ' ').trim() });
  console.log(`\n# ${title}`);
  console.log(
    `curl -s ${values.url}/graphql -H 'Content-Type: application/json' \\\n  -H 'Authorization: Bearer ${credential}' \\\n  -d ${quote(body)}`,
  );
  const response = await fetch(`${values.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
    body,
  }).catch(() => {
    console.error(
      `\nNothing answers at ${values.url}. Run \`npm start\` first, or name another --url.`,
    );
    process.exit(1);
  });
  const answer = (await response.json()) as { data?: Record<string, Answer>; errors?: unknown };
  console.log(JSON.stringify(answer, null, 2));
  const [field] = Object.values(answer.data ?? {});
  if (!response.ok || answer.errors || !field || field.success === false) {
    throw new Error(`"${title}" was refused.`);
  }
  return field;
}

const operator = values.key ?? localOperatorKey();
const text = (value: string) => JSON.stringify(value);
const deviceId = `DEMO${randomInt(1000, 9999)}`;
const user = `userIdentifier: { externalUser: { externalId: "END_USER_ID" } }`;

const { intermediary, secret: key } = await step<
  Refusable & { intermediary: { id: string }; secret: string }
>(
  'The operator adds a company, which gets its first API key',
  operator,
  `mutation { addIntermediary(input: { name: "Demo Energy" }) { success intermediary { id companyId } secret } }`,
);
const tenant = `intermediaryId: ${text(intermediary.id)}`;

await step(
  'The operator assigns a meter reader to it',
  operator,
  `mutation { addDevices(input: { ${tenant}, devices: [{ deviceId: ${text(deviceId)}, meterId: "METERID" }] }) {
    success errors { code message path } devices { deviceId meterId } } }`,
);
await step(
  'The company creates a user by its own id',
  key,
  `mutation { addUser(input: { ${user} }) { success user { id userIdentifier { externalUser { externalId } } } } }`,
);
await step(
  'It lets the user read the device',
  key,
  `mutation { addDevicePermissions(input: { deviceIdentifiers: [{ meterId: "METERID" }], ${user} }) {
    success modifiedPermissions { deviceId meterId permission expiresAt } user { id } } }`,
);
const { session } = await step<Refusable & { session: { accessToken: string } }>(
  'It opens a session, whose token goes to the user’s app',
  key,
  `mutation { addUserSession(input: { ${user} }) { success user { id } session { id accessToken expiresAt } } }`,
);
const { order } = await step<Refusable & { order: { orderId: string } }>(
  'It orders a device for the user',
  key,
  `mutation { addOrder(input: { ${user} }) { success order { orderId orderStatus } } }`,
);
for (const move of [
  'orderStatus: PROCESSING',
  `orderStatus: SHIPPED, deviceId: ${text(deviceId)}, trackingLink: "https://parcels.example/1"`,
]) {
  await step(
    'The operator moves the order on',
    operator,
    `mutation { updateOrder(input: { ${tenant}, orderId: ${text(order.orderId)}, ${move} }) {
      success errors { code message path } order { orderId orderStatus deviceId trackingLink } } }`,
  );
}
await step(
  'The company follows it',
  key,
  `query { ordersForUser(input: { externalUserId: "END_USER_ID" }) {
    orders { orderId orderStatus deviceId trackingLink createdAt updatedAt } } }`,
);
await step(
  'The user’s app sees what is the user’s',
  session.accessToken,
  `query { viewer { user { userIdentifier { externalUser { externalId } } } session { expiresAt }
    devices(first: 20) { nodes { deviceId meterId permissions { permission expiresAt } } }
    orders { orderId orderStatus trackingLink } } }`,
);
