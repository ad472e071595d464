/**
 * Requests that are done, of any size: what refusing one of the same size and kind is compared
 * with.
 */
import { graphql, type Sender, shot } from './hostile.ts';
import { FORM_TYPE, JSON_TYPE } from './requests.ts';
import type { Shot } from './shot.ts';

type Make = (size: number, sender: Sender) => Shot;

/** In characters: `{deviceId:"NOTHERE1"} `. */
const DEVICE = 23;
/** Of one call. */
const MAX_DEVICES = 500;
/** With more, a document has too many tokens. */
const MAX_CALLS = 3;

const MAX_SIZE = 950_000;

const NDJSON = { 'Content-Type': 'application/x-ndjson' };

/** As many devices as fit, named inline in as many calls as that takes; then a comment. */
const document: Make = (size, { key, externalId }) => {
  const calls: string[] = [];
  let left = Math.floor(size / DEVICE);
  do {
    const devices = '{deviceId:"NOTHERE1"} '.repeat(Math.min(left, MAX_DEVICES));
    left -= MAX_DEVICES;
    calls.push(
      `c${calls.length}:checkUserAccess(input:{` +
        `userIdentifier:{externalUser:{externalId:"${externalId}"}} ` +
        `deviceIdentifiers:[${devices}]}){allowed}`,
    );
  } while (left > 0 && calls.length < MAX_CALLS);
  const query = `{${calls.join(' ')}}`;
  return graphql(`${query} #${'x'.repeat(Math.max(0, size - query.length))}`, key);
};

/** As many devices as one call takes, and a token of any length. */
const variables: Make = (size, { key, externalId }) => {
  const many = Math.min(MAX_DEVICES, Math.floor(size / DEVICE));
  const input = {
    userIdentifier: { externalUser: { externalId } },
    deviceIdentifiers: Array(many).fill({ deviceId: 'NOTHERE1' }),
    accessToken: 'x'.repeat(Math.max(1, size - many * DEVICE)),
  };
  return graphql(
    'query($input:CheckUserAccessInput!){checkUserAccess(input:$input){allowed}}',
    key,
    { variables: { input } },
  );
};

/** By an end user: who authenticates with a session costs more than who does with a key. */
const viewer: Make = (size, { session }) =>
  graphql('query($first:Int!){viewer{devices(first:$first){nodes{deviceId}}}}', session, {
    variables: { first: 10, other: 'x'.repeat(size) },
  });

/** Twenty calls with the same devices. */
const calls: Make = (size, { key, externalId }) => {
  const many = Math.max(1, Math.min(MAX_DEVICES, Math.floor(size / DEVICE)));
  const input = {
    userIdentifier: { externalUser: { externalId } },
    deviceIdentifiers: Array(many).fill({ deviceId: 'NOTHERE1' }),
  };
  const checks = Array.from(
    { length: 20 },
    (_, n) => `c${n}:checkUserAccess(input:$input){allowed}`,
  );
  return graphql(`query($input:CheckUserAccessInput!){${checks.join(' ')}}`, key, {
    variables: { input },
  });
};

/** A device that is named as often as one call may. */
const grant: Make = (size, { key, externalId, deviceId }) => {
  const many = Math.max(1, Math.min(MAX_DEVICES, Math.floor(size / DEVICE)));
  const input = {
    userIdentifier: { externalUser: { externalId } },
    deviceIdentifiers: Array(many).fill({ deviceId }),
  };
  const mutation = 'addDevicePermissions(input:$input){success errors{code message path}}';
  return graphql(`mutation($input:AddDevicePermissionsInput!){${mutation}}`, key, {
    variables: { input },
  });
};

/** Of a form. */
const MAX_PARTS = 500;

/** As many parts as a form of ours has, and a long one. */
const parts = (size: number, part: (value: string) => string): string => {
  const small = part('1');
  const many = Math.min(MAX_PARTS, Math.floor(size / small.length));
  return small.repeat(many) + part('x'.repeat(Math.max(1, size - many * small.length)));
};

/** In no body: a request of this length. */
const pad = (size: number) => ({ 'X-Padding': 'x'.repeat(Math.min(size, 12_000)) });

const kinds = {
  document,
  variables,
  viewer,
  calls,
  grant,
  query: (size, { key }) =>
    shot('GET', `/graphql?query={caller{kind}}%23${'x'.repeat(Math.min(size, 12_000))}`, key),
  json: (size, { staff }) =>
    shot('PATCH', '/user/me', staff, JSON.stringify({ name: 'A', other: 'x'.repeat(size) })),
  form: (size, { staff }) =>
    shot('PATCH', '/user/me', staff, `name=A${parts(size, (value) => `&other=${value}`)}`, {
      'Content-Type': FORM_TYPE,
    }),
  multipart: (size, { staff }) => {
    const part = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body = part('name', 'A') + parts(size, (value) => part('other', value));
    return shot('PATCH', '/user/me', staff, `${body}--b--\r\n`, {
      'Content-Type': 'multipart/form-data; boundary=b',
    });
  },
  read: (size, { staff }) => shot('GET', '/project', staff, null, pad(size)),
  question: (size, { session, clientId }) =>
    shot('GET', `/verify/${clientId}`, session, null, pad(size)),
  token: (size, { key }) =>
    shot('POST', '/introspect', key, `token=${'x'.repeat(size)}`, { 'Content-Type': FORM_TYPE }),
  lines: (size, { key, externalId }) => {
    const line = `${JSON.stringify({ externalId })}\n`;
    return shot('POST', '/import', key, line.repeat(1 + Math.floor(size / line.length)), NDJSON);
  },
} satisfies Record<string, Make>;

function kindOf({ method, target, headers, body }: Shot, { session }: Sender): keyof typeof kinds {
  const { 'Content-Type': type = '', Authorization: credential } = Object.fromEntries(headers);
  if (target.startsWith('/verify')) return 'question';
  if (target.startsWith('/graphql')) {
    if (method !== 'POST') return 'query';
    if (body?.includes(' a19:')) return 'calls';
    if (body?.includes('addDevicePermissions')) return 'grant';
    if (!body?.includes('"variables"')) return 'document';
    return credential === `Bearer ${session}` ? 'viewer' : 'variables';
  }
  if (target === '/introspect' || target === '/revoke') return 'token';
  if (target === '/import') return 'lines';
  if (method !== 'POST') return 'read';
  if (type === JSON_TYPE) return 'json';
  return type === FORM_TYPE ? 'form' : 'multipart';
}

/** A request that is done, of the size, kind and caller of one that is not. */
export function acceptedLike(refused: Shot, sender: Sender): Shot {
  // A larger one is not read.
  const size = Math.min(refused.body?.length ?? refused.target.length, MAX_SIZE);
  return kinds[kindOf(refused, sender)](size, sender);
}
