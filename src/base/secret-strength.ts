/**
 * Finds secrets that can be guessed: sequences, keyboard patterns, repetitions, words, and values
 * published in this repository.
 */

/** Sequences that people count or type along a keyboard. Below they are used backward too. */
const FORWARD = [
  'abcdefghijklmnopqrstuvwxyz',
  'acegikmoqsuwybdfhjlnprtvxz',
  '01234567890123456789abcdef0',
  'qwertyuiopasdfghjklzxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'qwertzuiop',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  'zaq12wsxcde34rfvbgt56yhnmju78ik90ol',
  '314159265358979323846264338327950288',
  '235711131719232931374143475359',
  '1123581321345589144233377610987',
];
const SEQUENCES = [...FORWARD, ...FORWARD.map((row) => [...row].reverse().join(''))].join(' ');

/** Words that people write in place of a secret. */
const WORDS = (
  'the and for this that with not our your mine key token secret operator checksum checksums ' +
  'password ' +
  'passphrase company device devices fleet access service session user admin root latchkey ' +
  'cloudflare ' +
  'worker production staging development local test tests testing long very super strong ' +
  'random string ' +
  'value character characters least most please change replace before deploy deployment ' +
  'another default ' +
  'example sample dummy temporary private public secure security safe hello world correct ' +
  'horse battery ' +
  'staple quick brown fox jumps over lazy dog lorem ipsum dolor sit amet letmein welcome ' +
  'benchmark bits ' +
  'bytes love you consectetur adipiscing one two three four five six seven eight nine ten at ' +
  'of to in is it my do or me be'
).split(' ');
const WORDS_BY_INITIAL = Map.groupBy(WORDS, ([initial]) => initial);

/** Secrets that this repository shows or once showed. */
const PUBLISHED = [
  'lk_op_Zr0kTn5Wq8Xv2Lm7Yc4Hb9Jd1Gf6Ps3Ra0Ue5Ki8Nw2Qz',
  'checksums-of-the-tests-at-least-32-characters-long',
  'checksums-of-the-benchmark-at-least-32-characters',
  'checksums-of-before-or-of-another-deployment',
  'a-secret-of-the-benchmark-at-least-32-characters-long',
  'a-secret-that-was-dropped-or-of-another-one',
  'lk_key_esQMqiBP8wGLIT1jay8pIInR2987fhvyaSu6bOQWdee83feabde1b70f13b3',
  'lk_ses_zhQO5tgy6X9F6XjZ3mPpVKkigu1tNGcsRR9V05xTd36556e1150342645141',
];

/**
 * In bits. 32 random bytes have 256, and at least 160 if letter case is ignored; 16 random bytes
 * have 128. A patterned secret takes a few bits for each pattern.
 */
const ENOUGH = 112;
/** Only this many characters are examined. */
const MOST = 256;
/** Shorter repetitions save no bits. */
const SHORTEST = 3;

/** Ignores letter case and separators: they do not hide a pattern. */
const fold = (secret: string): string =>
  secret
    .replace(/^lk_[a-z]+_/, '')
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .slice(0, MOST);

/** The bits of one unpredictable character. */
function bitsOfOne(text: string): number {
  const kinds = /^\d*$/.test(text) ? 10 : /^[\da-f]*$/.test(text) ? 16 : 36;
  return Math.log2(Math.min(kinds, 2 * new Set(text).size));
}

/** Elias' gamma code. */
const bitsOfLength = (length: number): number => 2 * Math.floor(Math.log2(length)) + 1;

/**
 * The fewest bits that encode a text, given the words above and `known`. Each part is encoded as
 * single characters of `one` bits each, as a word, or as a reference to an earlier place. At most
 * 2^n texts fit into n bits, so a random text hardly ever gets a short code.
 */
function bitsOf(text: string, one: number, known: string): number {
  const all = `${known} ${text}`;
  const start = all.length - text.length;
  const least = [0, ...Array<number>(text.length).fill(Number.POSITIVE_INFINITY)];
  const reach = (end: number, bits: number) => {
    least[end] = Math.min(least[end] ?? bits, bits);
  };
  for (let at = 0; at < text.length; at++) {
    const bits = least[at] ?? 0;
    reach(at + 1, bits + one);
    for (const word of WORDS_BY_INITIAL.get(text[at]) ?? []) {
      if (text.startsWith(word, at)) reach(at + word.length, bits + 1 + Math.log2(WORDS.length));
    }
    const place = 1 + Math.log2(start + at);
    for (let end = at + SHORTEST; end <= text.length; end++) {
      if (all.lastIndexOf(text.slice(at, end), start + at - 1) < 0) break;
      reach(end, bits + place + bitsOfLength(end - at - SHORTEST + 1));
    }
  }
  return least[text.length] ?? 0;
}

/** Every `stride`th character, from each start: "a1b2c3d4" hides two sequences. */
const braided = (text: string, stride: number): string[] =>
  Array.from({ length: stride }, (_, first) =>
    [...text].filter((_, at) => at % stride === first).join(''),
  );

const STRIDES = [1, 2, 3];

/** Whether a secret can be derived from the others. */
export function isKnownFrom(secret: string, others: readonly string[]): boolean {
  const text = fold(secret);
  return bitsOf(text, bitsOfOne(text), others.map(fold).join(' ')) < ENOUGH;
}

/** Whether a secret follows a pattern, or appears in this repository. */
export function isGuessable(secret: string): boolean {
  const text = fold(secret);
  const one = bitsOfOne(text);
  const isOrdered = STRIDES.some((stride) => {
    const parts = braided(text, stride);
    return parts.reduce((sum, part) => sum + bitsOf(part, one, SEQUENCES), 0) < ENOUGH;
  });
  return isOrdered || isKnownFrom(secret, PUBLISHED);
}
