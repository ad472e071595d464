/**
 * Where a webhook may lead: to a host of the public internet that is not ours. What a name resolves
 * to is not known here, and no Worker can look it up.
 */

import { isLoopback } from './loopback.ts';

export interface WebhookUrlRules {
  /** Origins of this very service: the one that it is known by, and the one that was called. */
  own: readonly string[];
  /** For development: besides, `http` to this machine. */
  insecure: boolean;
}

/** In characters, as it is sent. */
const MAX_URL = 2_048;

/** Ports below belong to other services, such as SSH and mail; 443 is https'. */
const FIRST_FREE_PORT = 1_024;
const HTTPS_PORT = 443;

/** Names that only a private network or a machine itself resolves (RFC 6761, 6762 and 9476). */
const NOT_PUBLIC = new RegExp(
  '(^|\\.)(localhost|localdomain|local|internal|intranet|private|lan|home|corp|' +
    'arpa|onion|alt|test|invalid)$',
);

/** Labels with dots in between, as DNS has them (RFC 1035, section 2.3.4). */
const NAME = /^(?!.{254})([^.]{1,63}\.)+[^.]{1,63}$/;

/** How WHATWG's parser writes each notation of an address: decimal, octal, hexadecimal, short. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/;

/** Origins of ours. A name with a dot at its end is the same name. */
const oursOf = ({ own }: WebhookUrlRules): URL[] =>
  own.flatMap((origin) => URL.parse(origin.replace(/\.(?=:\d+$|$)/, '')) ?? []);

const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? HTTPS_PORT : 80) : Number(port);

/** A rule: a sentence that says what to do instead. `text` is the URL as it was sent. */
type Rule = [breaks: (url: URL, text: string, rules: WebhookUrlRules) => boolean, advice: string];

const isLocal = ({ protocol, hostname }: URL, { insecure }: WebhookUrlRules): boolean =>
  insecure && protocol === 'http:' && isLoopback(hostname);

const ofAny: Rule[] = [
  [
    (url, text) => text.length > MAX_URL || url.href.length > MAX_URL,
    `Must be at most ${MAX_URL} characters long, its escapes included.`,
  ],
  // `https://@host` has none, and looks as if it had.
  [
    (url, text) => url.username + url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text),
    'Leave out what stands before "@": deliveries are signed, and need no user and no password.',
  ],
  [(_, text) => text.includes('#'), 'Leave out "#" and what follows it: no server sees it.'],
];

const ofPublic: Rule[] = [
  [
    ({ protocol }, _, { insecure }) => protocol !== 'https:' && !insecure,
    'Must begin with https://.',
  ],
  [
    ({ protocol }) => protocol !== 'https:',
    'Must begin with https://, or lead to this machine, such as http://127.0.0.1:9000/.',
  ],
  [
    ({ hostname }, _, { insecure }) => insecure && isLoopback(hostname),
    'Must begin with http:// where it leads to this machine: https needs a public name.',
  ],
  [
    ({ hostname }) => ADDRESS.test(hostname),
    'Must name its host: an address is not taken, however it is written.',
  ],
  [({ hostname }) => hostname.endsWith('.'), 'Leave out the dot at the end of the name.'],
  [
    ({ hostname }) => !NAME.test(hostname) || NOT_PUBLIC.test(hostname),
    'Must name a host that the whole internet knows, such as hooks.example.com.',
  ],
  [
    (url) => portOf(url) !== HTTPS_PORT && portOf(url) < FIRST_FREE_PORT,
    `Must lead to port ${HTTPS_PORT}, or to one from ${FIRST_FREE_PORT} on.`,
  ],
  [
    ({ hostname }, _, rules) => oursOf(rules).some((ours) => ours.hostname === hostname),
    'Must lead to a service of yours, not to this one.',
  ],
];

const ofLocal: Rule[] = [
  [
    (url) => portOf(url) < FIRST_FREE_PORT,
    `Must lead to a port from ${FIRST_FREE_PORT} on, such as http://127.0.0.1:9000/.`,
  ],
  [
    (url, _, rules) =>
      oursOf(rules).some((ours) => isLoopback(ours.hostname) && portOf(ours) === portOf(url)),
    'Must lead to a service of yours: this one listens on that port.',
  ],
];

/** What a parser takes for nothing, or for a slash, and people overlook. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it refuses control characters.
const ODD = /[\u0000-\u0020\u007f-\u00a0\\\p{Default_Ignorable_Code_Point}]/u;
const HAS_HOST = /^https?:\/\/[^/?#]/i;

/** The URL as it is stored and called, or the sentence that refuses it. */
export function readWebhookUrl(
  text: string,
  rules: WebhookUrlRules,
): { url: string } | { fault: string } {
  const isWhole = text.isWellFormed() && !ODD.test(text) && HAS_HOST.test(text);
  const url = isWhole ? URL.parse(text) : null;
  if (!url) return { fault: 'Must be a URL such as https://hooks.example.com/latchkey.' };
  const all = [...ofAny, ...(isLocal(url, rules) ? ofLocal : ofPublic)];
  const broken = all.find(([breaks]) => breaks(url, text, rules));
  return broken ? { fault: broken[1] } : { url: url.href };
}
