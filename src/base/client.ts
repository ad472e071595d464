/** The browser and the system behind a User-Agent, as people name them. */

/** The characters that are looked at. Browsers send fewer than 300. */
const MOST = 512;

type Names = readonly (readonly [mark: string, name: string])[];

/** The first mark counts: what builds on another browser names that one too. */
const BROWSERS: Names = [
  ['Edg/', 'Edge'],
  ['EdgA/', 'Edge'],
  ['EdgiOS/', 'Edge'],
  ['OPR/', 'Opera'],
  ['OPT/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['YaBrowser/', 'Yandex Browser'],
  ['Vivaldi/', 'Vivaldi'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['CriOS/', 'Chrome'],
  ['Safari/', 'Safari'],
];

const SYSTEMS: Names = [
  ['Windows', 'Windows'],
  ['Android', 'Android'],
  ['iPhone', 'iOS'],
  ['iPad', 'iPadOS'],
  ['CrOS', 'ChromeOS'],
  ['Macintosh', 'macOS'],
  ['Linux', 'Linux'],
];

const nameIn = (text: string, names: Names): string | undefined =>
  names.find(([mark]) => text.includes(mark))?.[1];

/**
 * Such as `Firefox on Windows`; the system alone for an app that names it. Null for what is
 * unknown. It is always made of the names above: nothing of the header itself is kept.
 */
export function clientOf(userAgent: string | null): string | null {
  const text = userAgent?.slice(0, MOST) ?? '';
  const [browser, system] = [nameIn(text, BROWSERS), nameIn(text, SYSTEMS)];
  return browser && system ? `${browser} on ${system}` : (browser ?? system ?? null);
}
