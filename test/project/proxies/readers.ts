/**
 * Four ways in which services read the device out of a request, and one that mends all that it can.
 */
import { posix } from 'node:path';

/**
 * The id in `/devices/<id>/…`, as a service would look it up; undefined: it would serve no device.
 */
type Reader = (target: string) => string | undefined;

const bytesOf = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** As Python's `unquote` and Flask have it: bytes that are no UTF-8 are replaced. */
const unquote = (text: string): string => bytesOf(text).toString('utf8');

/** As decoders had it that took any lead byte: U+002E in two to four bytes. */
const unquoteOverlong = (text: string): string =>
  bytesOf(text)
    .toString('latin1')
    .replace(/\xc0([\x80-\xbf])/g, (_, low) => String.fromCharCode(low.charCodeAt(0) & 0x3f))
    .replace(/\xe0\x80([\x80-\xbf])/g, (_, low) => String.fromCharCode(low.charCodeAt(0) & 0x3f))
    .replace(/\xf0\x80\x80([\x80-\xbf])/g, (_, low) =>
      String.fromCharCode(low.charCodeAt(0) & 0x3f),
    );

const pathOf = (target: string): string =>
  target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');

const deviceIn = (path: string): string | undefined => {
  const [, folder, device] = path.split('/');
  return folder?.toLowerCase() === 'devices' ? device || undefined : undefined;
};

export const readers = {
  /** Routes on the raw path, without letter case, and decodes what it found. */
  express(target) {
    const found = /^\/devices\/([^/]+)/i.exec(pathOf(target))?.[1];
    try {
      return found === undefined ? undefined : decodeURIComponent(found);
    } catch {
      return undefined;
    }
  },
  split: (target) => {
    const [, folder, device] = (target.split('?')[0] ?? '').split('/');
    return folder === 'devices' ? device : undefined;
  },
  url(target) {
    try {
      return deviceIn(new URL(target, 'http://service').pathname);
    } catch {
      return undefined;
    }
  },
  /** WSGI decodes the path, and Werkzeug merges slashes and resolves dots. */
  flask: (target) => deviceIn(posix.normalize(unquote(pathOf(target)))),
  /** Servlets, Windows and two decoders behind each other. */
  lenient(target) {
    let path = pathOf(target);
    for (let times = 0; times < 3; times++) path = unquoteOverlong(path);
    path = path
      .replaceAll('\\', '/')
      .replace(/;[^/]*/g, '')
      .replace(/\0.*/s, '');
    return deviceIn(posix.normalize(path));
  },
} satisfies Record<string, Reader>;

/** Every device that one of them would serve for this target. */
export const devicesServed = (target: string): string[] =>
  Object.values(readers)
    .map((read: Reader) => read(target))
    .filter((device) => device !== undefined);
