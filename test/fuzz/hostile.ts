/**
 * Requests that are refused, made to be answered dearly: each for a size, in bytes, that it comes
 * near.
 */
import { FORM_TYPE, JSON_TYPE } from './requests.ts';
import type { Shot } from './shot.ts';

/** Who sends them: credentials, and a user that there is. */
export interface Sender {
  key: string;
  /** Of an end user. */
  session: string;
  /** Of a member of level 1. */
  staff: string;
  clientId: string;
  externalId: string;
  /** A device that there is. */
  deviceId: string;
}

export type Make = (size: number, sender: Sender) => Shot;

export const shot = (
  method: string,
  target: string,
  credential: string | null,
  body: string | null = null,
  headers: Record<string, string> = { 'Content-Type': JSON_TYPE },
): Shot => ({
  method,
  target,
  headers: Object.entries({
    ...headers,
    ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
  }),
  body: body === null ? null : Buffer.from(body),
  chunked: false,
});

export const graphql = (query: string, credential: string | null, more: object = {}): Shot =>
  shot('POST', '/graphql', credential, JSON.stringify({ query, ...more }));

const form = (target: string, credential: string, body: string): Shot =>
  shot('POST', target, credential, body, { 'Content-Type': FORM_TYPE });

const times = (many: number, make: (n: number) => string): string =>
  Array.from({ length: Math.max(1, Math.floor(many)) }, (_, n) => make(n)).join(' ');

const filled = (size: number, pattern = 'x'): string =>
  pattern.repeat(Math.max(1, Math.floor(size / pattern.length)));

/** By name. GraphQL first: in documents, by guests … */
const documents = {
  'a large value and unknown fields': (size) =>
    graphql(
      `mutation{addUser(input:{s:"${filled(size)}" ${times(119, (n) => `k${n}:1`)}}){success}}`,
      null,
    ),
  'one field of an input, repeated': (size) =>
    graphql(`mutation{addUser(input:{${filled(size, 'a:1 ')}}){success}}`, null),
  'many fields of an input': (size) =>
    graphql(`mutation{addUser(input:{${times(size / 8, (n) => `k${n}:1`)}}){success}}`, null),
  'one argument, repeated': (size) => graphql(`{caller(${filled(size, 'a:1 ')}){kind}}`, null),
  'many unknown fields': (size) => graphql(`{${times(size / 7, (n) => `k${n}`)}}`, null),
  'one unknown field, repeated': (size) => graphql(`{${filled(size, 'a ')}}`, null),
  'fields that conflict': (size) =>
    graphql(`{${times(size / 30, (n) => `a:caller{a:kind} a:__type(name:"${n}"){a:name}`)}}`, null),
  'one field with a long name': (size) => graphql(`{${filled(size)}}`, null),
  'a long alias': (size) => graphql(`{${filled(size)}:nothing}`, null),
  'a variable declared many times': (size) =>
    graphql(`query(${filled(size, '$a:A ')}){caller{kind}}`, null),
  'variables of unknown types': (size) =>
    graphql(`query(${times(size / 11, (n) => `$v${n}:T${n}`)}){caller{kind}}`, null),
  'fragments in a circle': (size) => {
    const many = Math.max(2, Math.floor(size / 40));
    const fragments = times(many, (n) => `fragment F${n} on Caller{...F${(n + 1) % many}}`);
    return graphql(`{caller{...F0}} ${fragments}`, null);
  },
  'fragments in a circle below fields': (size) => {
    const many = Math.max(2, Math.floor(size / 54));
    const spread = (n: number) => `ofType{...F${n % many}}`;
    const fragments = times(
      many,
      (n) => `fragment F${n} on __Type{${spread(n + 1)} ${spread(n + 7)}}`,
    );
    return graphql(`{__type(name:"User"){${spread(0)} ${spread(1)}}} ${fragments}`, null);
  },
  'many comments': (size) => graphql(`{nothing}\n${filled(size / 3, '#\n')}`, null),
  'fragments that all spread all': (size) => {
    const many = Math.max(2, Math.floor(Math.sqrt(size / 6)));
    const all = times(many, (n) => `...F${n}`);
    return graphql(
      `{caller{${all}}} ${times(many, (n) => `fragment F${n} on Caller{${all} x}`)}`,
      null,
    );
  },
  'many operations': (size) =>
    graphql(`${times(size / 25, (n) => `query Q${n}{caller{...F}}`)}`, null),
  'unknown directives': (size) =>
    graphql(`{caller{kind ${times(size / 6, (n) => `@d${n}`)}}}`, null),
  'lists in lists': (size) => graphql(`{user(userIdentifier:${filled(size, '[')})}`, null),
  'a list of objects': (size) =>
    graphql(`{checkUserAccess(input:{deviceIdentifiers:[${filled(size, '{} ')}]}){allowed}}`, null),
  'a block of empty lines': (size) =>
    graphql(
      `{user(userIdentifier:{a:"""${filled(size / 2, '\n')}""" b:1 c:2 d:3 e:4 f:5}){id}}`,
      null,
    ),
  'lines before a syntax error': (size) => graphql(`${filled(size / 2, '\n')}}`, null),
  'escapes in a value': (size) =>
    graphql(`{user(userIdentifier:{a:"${filled(size / 2, '\\u0001')}" b:1}){id}}`, null),
  'a string where none may be': (size) =>
    graphql(`{caller "\\" ${filled(size, 'x" ').replaceAll('"', '\\"')}" }`, null),
  'characters of four bytes': (size) =>
    graphql(`{user(userIdentifier:"${filled(size / 2, '😀')}"){id}}`, null),
  'no document': (size) => graphql(filled(size, '{ '), null),
  'the schema, many times': (size) =>
    graphql(
      `{${times(Math.min(99, size / 20), (n) => `a${n}:__schema{...F}`)}} fragment F on ` +
        '__Schema{types{name fields{name args{name}}}}',
      null,
    ),
} satisfies Record<string, Make>;

const ADD_USER = 'mutation($i:AddUserInput!){addUser(input:$i){success}}';
const CHECK = 'query($i:CheckUserAccessInput!){checkUserAccess(input:$i){allowed}}';
const identifiedBy = ({ externalId }: Sender) => ({
  userIdentifier: { externalUser: { externalId } },
});

/** … in variables, with a session … */
const variables = {
  'a variable with a large value and unknown fields': (size, { session }) => {
    const i = {
      s: filled(size),
      ...Object.fromEntries([...Array(119)].map((_, n) => [`k${n}`, 1])),
    };
    return graphql(ADD_USER, session, { variables: { i } });
  },
  'a variable with many fields': (size, { session }) => {
    const fields = Object.fromEntries([...Array(Math.ceil(size / 10))].map((_, n) => [`k${n}`, 1]));
    return graphql(ADD_USER, session, { variables: { i: fields } });
  },
  'a variable with a field of a long name': (size, { session }) =>
    graphql(ADD_USER, session, { variables: { i: { [filled(size, 'a" x')]: 1 } } }),
  'a variable with a long list': (size, { session }) =>
    graphql(CHECK, session, {
      variables: { i: { deviceIdentifiers: Array(Math.ceil(size / 3)).fill({}) } },
    }),
  'a variable in which all is wrong': (size, { key, ...sender }) => {
    const deviceIdentifiers = Array(Math.min(500, Math.ceil(size / 20))).fill({
      deviceId: 1,
      x: 2,
    });
    const i = { ...identifiedBy({ key, ...sender }), deviceIdentifiers };
    return graphql(CHECK, key, { variables: { i } });
  },
  'a variable that nests deep': (size, { session }) => {
    const json = JSON.stringify({ query: ADD_USER, variables: { i: '?' } });
    return shot(
      'POST',
      '/graphql',
      session,
      json.replace('"?"', filled(size / 2, '[') + filled(size / 2, ']')),
    );
  },
  'a value that is none of its kind': (size, sender) =>
    graphql(CHECK, sender.key, {
      variables: { i: { ...identifiedBy(sender), permission: filled(size, 'a" ') } },
    }),
} satisfies Record<string, Make>;

const FAULTS = 'success errors{code message path}';

/** … in what the product itself refuses … */
const refusals = {
  'devices that there are not': (size, sender) => {
    const deviceIdentifiers = Array(Math.min(500, Math.ceil(size / 24))).fill({
      deviceId: 'NOTHERE1',
    });
    const i = { ...identifiedBy(sender), deviceIdentifiers };
    return graphql(
      `mutation($i:AddDevicePermissionsInput!){addDevicePermissions(input:$i){${FAULTS}}}`,
      sender.key,
      { variables: { i } },
    );
  },
  'devices that can be none, in twenty mutations': (size, sender) => {
    const many = Math.min(500, Math.ceil(size / 20 / 18));
    const deviceIdentifiers = Array(many).fill({ deviceId: '😀' });
    const i = { ...identifiedBy(sender), deviceIdentifiers };
    return graphql(
      'mutation($i:AddDevicePermissionsInput!){' +
        `${times(20, (n) => `a${n}:addDevicePermissions(input:$i){${FAULTS}}`)}}`,
      sender.key,
      { variables: { i } },
    );
  },
  'refusals under long names': (size, sender) => {
    const names = times(70, (n) => `${'n'.repeat(90)}${n}:message`);
    const i = {
      ...identifiedBy(sender),
      deviceIdentifiers: Array(Math.min(500, Math.ceil(size / 18))).fill({ deviceId: '1' }),
    };
    return graphql(
      'mutation($i:AddDevicePermissionsInput!){addDevicePermissions(input:$i){success ' +
        `errors{${names}}}}`,
      sender.key,
      { variables: { i } },
    );
  },
  'an argument of a query, in twenty calls': (size, sender) => {
    const i = {
      ...identifiedBy(sender),
      permission: 'VIEW',
      deviceIdentifiers: Array(Math.min(500, Math.ceil(size / 18))).fill({ meterId: '\u0001' }),
    };
    return graphql(
      'query($i:CheckUserAccessInput!){' +
        `${times(20, (n) => `a${n}:checkUserAccess(input:$i){allowed}`)}}`,
      sender.key,
      { variables: { i } },
    );
  },
} satisfies Record<string, Make>;

/** … in what surrounds a document … */
const envelopes = {
  'an unknown parameter': (size, { key }) =>
    shot(
      'POST',
      '/graphql',
      key,
      JSON.stringify({ query: '{caller{kind}}', [filled(size, 'p" ')]: 1 }),
    ),
  'many unknown parameters': (size, { key }) =>
    shot(
      'POST',
      '/graphql',
      key,
      `{${times(size / 10, (n) => `"k${n}":1,`)}"query":"{caller{kind}}"}`,
    ),
  'an unknown operation': (size, { key }) =>
    graphql('query A{caller{kind}}', key, { operationName: filled(size) }),
  'a batch': (size, { key }) => shot('POST', '/graphql', key, `[${filled(size, '{},')}{}]`),
  'a persisted query': (size, { key }) =>
    shot(
      'POST',
      '/graphql',
      key,
      JSON.stringify({ extensions: { persistedQuery: { sha256Hash: filled(size) } } }),
    ),
  'no JSON': (size, { key }) => shot('POST', '/graphql', key, filled(size, '{"a":')),
  'variables that are no JSON, by GET': (size, { key }) =>
    shot('GET', `/graphql?query={caller{kind}}&variables=${filled(Math.min(size, 12_000))}`, key),
  'a mutation by GET': (size, { key }) =>
    shot('GET', `/graphql?query=mutation{${filled(Math.min(size, 12_000))}}`, key),
  'an answer in formats that there are not': (size, { key }) =>
    shot('POST', '/graphql', key, '{"query":"{caller{kind}}"}', {
      'Content-Type': JSON_TYPE,
      Accept: filled(Math.min(size, 12_000), 'a/b,'),
    }),
  'a body of no known type': (size, { key }) =>
    shot('POST', '/graphql', key, filled(size), {
      'Content-Type': `text/${filled(Math.min(size, 8_000))}`,
    }),
  'a body in parts': (size, { key }) =>
    shot('POST', '/graphql', key, filled(size), {
      'Content-Type': 'multipart/form-data; boundary=x',
    }),
  'another method': (size, { key }) => shot('PUT', '/graphql', key, filled(size)),
  'a credential that is long': (size) => graphql('{caller{kind}}', filled(Math.min(size, 12_000))),
} satisfies Record<string, Make>;

/** … and the other faces. */
const elsewhere = {
  'a body of many fields': (size, { staff }) =>
    shot(
      'POST',
      '/user',
      staff,
      `{${times(size / 10, (n) => `"k${n}":1,`)}"station_ids":[` +
        `${filled(Math.min(size, 50_000), '"x",')}1]}`,
    ),
  'a body with long values': (size, { staff }) =>
    shot(
      'POST',
      '/user',
      staff,
      JSON.stringify({
        name: filled(size / 2, '\ud800'),
        email: filled(size / 3),
        station_ids: 'x',
      }),
    ),
  'a list in a body': (size, { staff }) =>
    shot('POST', '/user', staff, `{"station_ids":[${filled(size, '{},')}{}]}`),
  'a body that nests deep': (size, { staff }) => shot('POST', '/user', staff, filled(size, '[')),
  'a form of many parts': (size, { staff }) => form('/user', staff, filled(size, 'a=1&')),
  'a form of many lists': (size, { staff }) =>
    form('/user', staff, filled(Math.min(size, 30_000), 'station_ids[]=x&')),
  'a body of many parts': (size, { staff }) =>
    shot(
      'POST',
      '/user',
      staff,
      `${filled(size, '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n')}--b--\r\n`,
      { 'Content-Type': 'multipart/form-data; boundary=b' },
    ),
  'a body of dashes in parts': (size, { staff }) =>
    shot('POST', '/user', staff, `---\r\n\r\n${filled(size, '-')}`, {
      'Content-Type': 'multipart/form-data; boundary=-',
    }),
  'a body of many ends': (size, { staff }) =>
    shot('POST', '/user', staff, filled(size, '--b--\n'), {
      'Content-Type': 'multipart/form-data; boundary=b',
    }),
  'parts whose headers overlap': (size, { staff }) =>
    shot(
      'POST',
      '/user',
      staff,
      times(size / 4_000, () =>
        [
          filled(Math.min(size, 1_600), '--b\n'),
          'content-type: x',
          filled(Math.min(size, 2_300), ';a=b'),
          '\r\n\r\n',
        ].join(''),
      ),
      { 'Content-Type': 'multipart/form-data; boundary=b' },
    ),
  'a feed of many parameters': (size, { key }) =>
    shot(
      'GET',
      `/events?${times(Math.min(size, 12_000) / 6, (n) => `k${n}=1&`).replaceAll(' ', '')}`,
      key,
    ),
  'a query of many parameters': (size, { staff }) =>
    shot('GET', `/user?page=x&${filled(Math.min(size, 12_000), 'page=0&')}`, staff),
  'a path that there is not': (size, { staff }) =>
    shot('GET', `/${filled(Math.min(size, 12_000))}`, staff),
  'a path with another method': (size, { staff }) =>
    shot('PUT', `/user/${filled(Math.min(size, 12_000))}`, staff, '{}'),
  'a question of an unknown word': (size, { session, clientId }) =>
    shot('GET', `/verify/${clientId}?${filled(Math.min(size, 12_000))}=1`, session),
  'a tenant that there is not': (size, { session }) =>
    shot('GET', `/verify/${filled(Math.min(size, 12_000))}`, session),
  'an introspection without a token': (size, { key }) =>
    form('/introspect', key, filled(size, 'a=1&')),
  'a revocation with two tokens': (size, { key }) =>
    form('/revoke', key, `token=${filled(size / 2)}&token=${filled(size / 2)}`),
  'a line of unknown fields': (size, { key }) =>
    shot(
      'POST',
      '/import',
      key,
      `{${times(Math.min(size, 90_000) / 10, (n) => `"k${n}":1,`)}"${'y'.repeat(200)}":1}\n`,
      {
        'Content-Type': 'application/x-ndjson',
      },
    ),
  'a line of devices that can be none': (size, { key }) =>
    shot(
      'POST',
      '/import',
      key,
      '{"externalId":"x","devicePermissions":[' +
        `${filled(Math.min(size, 90_000), '{"deviceId":"1"},').slice(0, -1)}]}\n`,
      {
        'Content-Type': 'application/x-ndjson',
      },
    ),
} satisfies Record<string, Make>;

export const hostile: Record<string, Make> = {
  ...documents,
  ...variables,
  ...refusals,
  ...envelopes,
  ...elsewhere,
};

/** Those that are sent without a credential. */
export const byGuests: ReadonlySet<string> = new Set(Object.keys(documents));
