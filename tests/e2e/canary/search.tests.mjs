// The search itself: a suite that finds nothing must be one that would find everything.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { generator, ibanCheck, luhnDigit } from './secrets.mjs';
import { FORMS, Searcher, spelled } from './search.mjs';

const noise = 'some text around it, 1795445200000 and {"more":"of it"} ';
const secret = generator(7);
const one = secret('word', { typed: true });
const searcher = new Searcher([one, secret('word')]);
const formsIn = (text) => searcher.find(Buffer.from(noise + text + noise, 'latin1')).filter((hit) => hit.secret === one).map((hit) => hit.form);

describe('the search', () => {
  for (const [form, write] of Object.entries(FORMS)) {
    test(`finds the form ${form}`, () => {
      for (const written of write(one.text)) assert.notDeepEqual(formsIn(written), [], written);
    });
  }

  test('finds base64 wherever in a longer text the secret stands', () => {
    for (const start of ['', 'a', 'ab', 'abc']) {
      assert.ok(formsIn(Buffer.from(`${start}${one.text}!`).toString('base64')).includes('base64'), start);
    }
  });

  test('finds a secret that grows, and one that is spelled letter by letter', () => {
    assert.deepEqual(formsIn(one.text.slice(0, 6)), ['prefix']);
    const events = [...one.text].map((key, at) => ({ type: 3, data: { text: '•••••', typed: [{ key }], at } }));
    assert.ok(spelled(events).flatMap(formsIn).includes('plain'));
  });

  test('finds a secret at the beginning, at the end, and by itself', () => {
    for (const text of [one.text, `${one.text}x`, `x${one.text}`]) {
      assert.ok(searcher.find(Buffer.from(text)).some(({ form }) => form === 'plain'), text);
    }
  });

  test('finds nothing that is not there', () => {
    for (const text of ['', 'x', noise.repeat(20), secret('word').text]) assert.deepEqual(searcher.find(Buffer.from(text)), []);
  });

  test('what two secrets share tells neither', () => {
    const both = new Searcher([secret('email'), secret('email')]);
    assert.deepEqual(both.find(Buffer.from('someone else@elsewhere.example')), []);
  });

  test('secrets are what they look like', () => {
    assert.equal(luhnDigit('424242424242424'), '2');
    assert.equal(luhnDigit('37828224631000'), '5');
    assert.equal(ibanCheck('DE', '370400440532013000'), '89');
    assert.equal(ibanCheck('GB', 'WEST12345698765432'), '82');
  });
});
