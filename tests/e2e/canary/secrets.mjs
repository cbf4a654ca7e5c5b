// Secrets of every shape, each made only once. The same seed gives the same secrets.

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/** A generator of numbers below `n` (mulberry32). */
function dice(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

/** The digit that makes `digits` a card number (Luhn). */
export function luhnDigit(digits) {
  let sum = 0;
  [...digits].reverse().forEach((digit, at) => {
    const doubled = Number(digit) * (at % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return String((10 - (sum % 10)) % 10);
}

/** The check digits that make `country` and `account` an IBAN (mod 97). */
export function ibanCheck(country, account) {
  const numeric = [...`${account}${country}00`].map((char) => parseInt(char, 36)).join('');
  return String(98n - (BigInt(numeric) % 97n)).padStart(2, '0');
}

/** `text` in groups of these lengths; the last one repeats. */
function grouped(text, lengths, separator) {
  const groups = [];
  for (let at = 0; at < text.length; ) {
    const length = lengths[Math.min(groups.length, lengths.length - 1)];
    groups.push(text.slice(at, at + length));
    at += length;
  }
  return groups.join(separator);
}

// Beginning, length, how it is grouped in print.
const CARDS = {
  visa: ['4', 16, [4]],
  mastercard: ['53', 16, [4]],
  mastercard2: ['2345', 16, [4]],
  amex: ['37', 15, [4, 6, 5]],
  discover: ['6011', 16, [4]],
  diners: ['36', 14, [4, 6, 4]],
  jcb: ['3556', 16, [4]],
};

// What follows the check digits: `9` a digit, `A` a letter.
const IBANS = { DE: '9'.repeat(18), GB: `AAAA${'9'.repeat(14)}`, NL: `AAAA${'9'.repeat(10)}`, FR: '9'.repeat(23), NO: '9'.repeat(11), IT: `A${'9'.repeat(22)}` };

/** Everything that is made from one `dice`. */
function shapes(roll) {
  const pick = (alphabet, length) => Array.from({ length }, () => alphabet[roll(alphabet.length)]).join('');
  const digits = (length) => pick(DIGITS, length);
  const two = (from, to) => String(from + roll(to - from + 1)).padStart(2, '0');
  // A digit here and there, so that no word of a language is met by chance; one at the end,
  // or the end of a host (`st.example`) would be met in another.
  const word = () => `${pick(LETTERS, 3)}${digits(1)}${pick(LETTERS, 4)}${digits(1)}${pick(LETTERS, 4)}${digits(1)}${pick(LETTERS, 1)}${digits(1)}`;
  // Browsers know years up to 275760; nothing else here has six digits in front of a dash.
  const year = () => String(100_000 + roll(175_000));
  const date = () => `${year()}-${two(1, 12)}-${two(1, 28)}`;
  const time = () => `${two(0, 23)}:${two(0, 59)}:${two(1, 59)}.${pick('123456789', 3)}`;
  const base64 = (length, extra) => {
    // One of each kind: a run of small letters alone is a word.
    const kinds = `${pick(LETTERS, 1)}${pick(LETTERS, 1).toUpperCase()}${digits(1)}${pick(extra, 1)}`;
    return kinds + pick(LETTERS + LETTERS.toUpperCase() + DIGITS + extra, length - kinds.length);
  };
  const url64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const card = (brand, separator) => {
    const [start, length, groups] = CARDS[brand];
    const body = start + digits(length - 1 - start.length);
    return grouped(body + luhnDigit(body), groups, separator);
  };
  const iban = (country, separator) => {
    const account = IBANS[country].replace(/./g, (kind) => (kind === '9' ? digits(1) : pick(LETTERS, 1).toUpperCase()));
    return grouped(`${country}${ibanCheck(country, account)}${account}`, [4], separator);
  };

  const made = {
    word,
    // Half of it on each side of the point, so that it is neither a card nor a telephone number.
    number: () => `${1 + roll(9)}${digits(6)}.${digits(6)}${1 + roll(9)}`,
    date,
    time,
    month: () => `${year()}-${two(1, 12)}`,
    week: () => `${year()}-W${two(1, 52)}`,
    datetime: () => `${date()}T${time()}`,
    color: () => `#${pick(`${DIGITS}abcdef`, 6)}`,
    email: () => `${word()}@${word()}.example`,
    // Not typed to its end.
    'email-half': () => `${word()}@${word()}`,
    'email-dotted': () => `${word()}.${word()}+tag@mail.${word()}.co.uk`,
    jwt: () => `${url64({ alg: 'HS256', typ: 'JWT' })}.${url64({ sub: word(), name: word() })}.${base64(43, '-_')}`,
    'hex-32': () => pick(`${DIGITS}abcdef`, 32),
    'hex-40': () => pick(`${DIGITS}abcdef`, 40),
    'hex-64-upper': () => pick(`${DIGITS}ABCDEF`, 64),
    'base64-44': () => `${base64(43, '+/')}=`,
    'base64-64': () => base64(64, '+/'),
    'base64url-43': () => base64(43, '-_'),
    'phone-it': () => `+39 0471 ${digits(6)}`,
    'phone-us': () => `+1 (415) ${2 + roll(8)}${digits(2)}-${digits(4)}`,
    'phone-uk': () => `+44 20 7${digits(3)} ${digits(4)}`,
    // An own pattern, see `REDACT` in tag.mjs.
    order: () => `ORD-${digits(6)}`,
  };
  for (const brand of Object.keys(CARDS)) {
    made[`card-${brand}`] = () => card(brand, '');
    made[`card-${brand}-spaces`] = () => card(brand, ' ');
    made[`card-${brand}-dashes`] = () => card(brand, '-');
  }
  for (const country of Object.keys(IBANS)) {
    made[`iban-${country}`] = () => iban(country, '');
    made[`iban-${country}-spaces`] = () => iban(country, ' ');
  }
  return made;
}

/** Shapes that are hidden wherever they stand in ordinary text, without being asked for. */
export const SENSITIVE = ['email', 'email-dotted', 'jwt', 'hex-32', 'hex-40', 'hex-64-upper', 'base64-44', 'base64-64', 'base64url-43',
  ...Object.keys(CARDS).flatMap((brand) => ['', '-spaces', '-dashes'].map((form) => `card-${brand}${form}`)),
  ...Object.keys(IBANS).flatMap((country) => ['', '-spaces'].map((form) => `iban-${country}${form}`))];

/** Shapes that a site has to ask for. */
export const ON_REQUEST = ['phone-it', 'phone-us', 'phone-uk', 'order'];

/** A card or an account number is the same whatever separates its digits. */
function texts(shape, text) {
  if (!/^(card|iban|phone)-/.test(shape)) return [text];
  const compact = text.replace(/[ ()-]/g, '');
  return [...new Set([text, compact, grouped(compact, [4], ' ')])];
}

/** Makes secrets: `secret(shape, about)` is `{text, texts, shape, ...about}`. */
export function generator(seed) {
  const make = shapes(dice(seed));
  const used = new Set();
  return (shape, about = {}) => {
    for (;;) {
      const text = make[shape]();
      if (used.has(text)) continue;
      used.add(text);
      return { text, texts: texts(shape, text), shape, ...about };
    }
  };
}
