// One rule turned off at a time, to show that the suite would notice.
//
// A rule stands in the page's half of the recorder, in its Rust half, or in both; a mutant
// turns off each place at once, else the other one would hide that the suite is blind.
// `js` replaces in recorder.js; what it looks for must be there. `wasm` replaces a word of
// the engine's tables by another of the same length. `rust` names rules that an engine
// built with switches leaves out: its `Source.of` takes them after the mode.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support.mjs';

/** Built with switches for `rust`; without it those mutants cannot run. */
const ENGINE = process.env.SENTIERO_MUTANT_ENGINE ?? join(root, 'target/xtask/mutants/recorder_wasm_bg.wasm');
export const hasSwitches = existsSync(ENGINE);

const escaped = (text) => text.replaceAll(/[[\]*.+]/g, '\\$&');
/** A selector of policy.json, as it stands in recorder.js; nothing matches what replaces it. */
const without = (start) => [new RegExp(`"${escaped(start)}[^"]*"`), '"[no-such-thing]"'];
/** The mode that the Rust half works in, whatever the page's half does. */
const rustIn = (mode) => [/\[(\w+)\.mask,/, `["${mode}",`];

/** A list of policy.json without `part`. */
const withoutPart = (start, part) => [new RegExp(`"${escaped(start)}[^"]*"`), (list) => list.replace(part, '[no-such-thing]')];

/** Each part of what counts as form data; only the page can tell that of a text that changes. */
const TYPED = {
  select: /^changed\/legend/, option: /^changed\/option/, output: /^changed\/output/,
  '[contenteditable]': /^changed\/editable/,
  ...Object.fromEntries(['textbox', 'searchbox', 'combobox', 'spinbutton', 'slider', 'listbox', 'option'].map((role) => [`[role=${role} i]`, new RegExp(`^changed/role ${role}`)])),
};
/** Each part of what is secret. That an input was a password once is known in two ways, see below. */
const SECRET = {
  '[type=password i]': /^input password\//, '[autocomplete*=password i]': /^autocomplete (current|new)/,
  '[autocomplete*=one-time i]': /^autocomplete one-time/, '[autocomplete*=cc- i]': /^autocomplete (cc|section)/,
};

/** Rules of the page's half that are no selectors of policy.json. */
const PAGE = [
  { name: 'of what is masked, few attributes stay', mode: 'none', paths: /changed inside mask$/, js: [[/\/\^\(id\|class\|style[^/]*\/i/, '/^/']] },
  { name: 'attributes of what is added', mode: 'inputs', paths: /^changed\/title/, js: [[/\/\^\(title\|alt[^/]*\/i/, '/^$/']] },
  { name: 'only labels of buttons are shown', mode: 'inputs', paths: /^input (text|search)\//, js: [[/\/\^\(button\|submit[^/]*\/(?=[,;])/, '/^/']] },
  { name: 'what is not plain is looked at', mode: 'none', paths: /changed inside mask$|^data-rr-block\//, js: [[/`input,textarea,select,\$\{\w+\},\$\{\w+\}`/, '"[no-such-thing]"']] },
  { name: 'what may be typed in part only', mode: 'inputs', paths: /^half an e-mail\/editable/, js: [[/\/@\|[^/]*\//, '/$^/']] },
  { name: 'sheets in what is masked', mode: 'inputs', paths: /^shown by style\/.*(in a mask|blocked later)/, js: [[/else if\(\w+\.includes\((\w+)\.data\.source\)\)return \w+\(\1\)/, 'else if(0)return 0']] },
  { name: 'what was blocked later', mode: 'inputs', paths: /^changed\/.*blocked later/, js: [[/return!\w+\((\w+)\)&&\w+\(\1,\w+\)\}/, 'return!1}']] },
  { name: 'addresses of frames', mode: 'inputs', paths: /^changed\/address/, js: [[/\w+\?\.tagName==="IFRAME"&&/, '!1&&']] },
  { name: 'values of boxes', mode: 'none', paths: /^changed\/box/, js: [[/(\w+)&&\w+\(\1\)&&\(\w+\.data\.text=\w+\),/, '']] },
  { name: 'documents that are edited', mode: 'inputs', paths: /^designMode\//, js: [[/\w+\?\.ownerDocument\.designMode==="on"/, '!1']] },
  { name: 'texts in events of our own', mode: 'inputs', paths: /^sent\/text of a link/, js: [[/show:\((\w+),(\w+)\)=>\w+\(\1,\2\)\?\w+\(\1,\2\):\1/, 'show:text=>text']] },
].map((mutant) => ({ ...mutant, name: `page: ${mutant.name}` }));

export const MUTANTS = [
  ...Object.entries(TYPED).map(([part, paths]) => ({ name: `form data: ${part}`, mode: 'inputs', paths, js: [withoutPart('select,option', part)] })),
  ...Object.entries(SECRET).map(([part, paths]) => ({ name: `secret: ${part}`, mode: 'none', paths, js: [withoutPart('[type=password i]', part)] })),
  ...PAGE,
  { name: 'what authors mask, in the page', mode: 'inputs', paths: /^data-rr-mask\//, js: [without('[data-rr-mask]')] },
  { name: 'what authors mask, everywhere', mode: 'inputs', paths: /^data-rr-mask\//, js: [without('[data-rr-mask]')], wasm: [['data-rr-mask', 'data-rr-xxxx']] },
  { name: 'what authors mask, attributes', mode: 'none', paths: /inside mask$/, js: [without('[data-rr-mask]')], wasm: [['data-rr-mask', 'data-rr-xxxx']] },
  { name: 'what authors block', mode: 'inputs', paths: /^data-rr-block\//, js: [without('[data-rr-block]')], wasm: [['data-rr-block', 'data-rr-xxxxx']] },
  { name: 'what authors ignore', mode: 'none', paths: /^data-rr-ignore\//, js: [without('[data-rr-ignore]')] },
  ...Object.entries({ maskTextSelector: 'mask', blockSelector: 'block', ignoreSelector: 'ignore' }).map(([option, what]) => ({
    name: `what a page's own selector ${what}s`, mode: 'none', paths: new RegExp(`^data-own-${what}/`), js: [[new RegExp(`\\w+\\(\\w+,"${option}"\\)`), '""']],
  })),
  { name: 'what they mask is marked in snapshots', mode: 'none', paths: /^data-own-mask\/attributes/, js: [[/\w+\.attributes\["data-rr-mask"\]=""/, '0']] },
  { name: 'only what is allowed is marked', mode: 'inputs', paths: /^(input (text|number|hidden|checkbox)|textarea|select|contenteditable nested)\//, js: [[/"\[data-sentiero-unmask\]"/, '"*"']] },
  { name: 'editable elements', mode: 'inputs', paths: /^(contenteditable|role)/, js: [without('select,option')] },
  { name: 'passwords and card fields, in the page', mode: 'none', paths: /^(input password|password|autocomplete)/, js: [without('[type=password i]')] },
  { name: 'card fields, everywhere', mode: 'none', paths: /^autocomplete/, js: [without('[type=password i]')], rust: ['secret'] },
  {
    name: 'what was a password stays one', mode: 'none', paths: /^(password|react password)/,
    js: [[/(\w+)\.add\((\w+)\),\1\.has\(\2\)/, '$1.add($2),$1.delete($2)'], [/\[data-rr-is-password\],/, '']],
    wasm: [['data-rr-is-password', 'data-rr-xx-xxxxxxxx']],
  },
  { name: 'passwords are not lifted', mode: 'inputs', paths: /^data-sentiero-unmask\//, js: [without('[type=password i]')] },
  { name: 'form values, in both halves', mode: 'inputs', paths: /^(input (search|date|color|radio|x-unknown)\/|textarea|select|attribute .*\/(input|changed)$)/, js: [rustIn('none'), [/maskInputFn:\w+\.input\b/, 'maskInputFn:value=>value']] },
  { name: 'texts, in both halves', mode: 'text', paths: /^(text|svg|output|button|label)\//, js: [rustIn('none'), [/maskTextFn:\w+\.text\b/, 'maskTextFn:value=>value']] },
  { name: 'texts under a mask', mode: 'inputs', paths: /^data-rr-mask\//, js: [[/maskTextFn:\w+\.text\b/, 'maskTextFn:value=>value']] },
  { name: 'what is around a shadow root or a frame', mode: 'inputs', paths: /masked from outside/, js: [[/(for\(let (\w+)=\w+;\2;\2=)\w+\(\2\)(\)if\(\2\.closest)/, '$1null$3']] },
  { name: 'what rrweb does not see is masked afterwards', mode: 'inputs', paths: /masked from outside|inside mask/, js: [[/\w+\.fix\((\w+)\)&&/, '']] },
  { name: 'text that is none: scripts, and what is not parsed', mode: 'none', paths: /^(noscript|script)\//, rust: ['raw'] },
  { name: 'keys of payloads', mode: 'inputs', paths: /^custom event\/key, /, rust: ['keys'] },
  { name: 'values that are typed', mode: 'inputs', paths: /^input (text|search)\/typed/, js: [[/maskInputFn:\w+\.input\b/, 'maskInputFn:value=>value']], rust: ['input'] },
  { name: 'values that may be typed in part', mode: 'none', paths: /^half an e-mail\/(pre-filled|typed|textarea)/, js: [[/\/@\|[^/]*\//, '/$^/']], rust: ['typed'] },
  { name: 'attributes with text', mode: 'text', paths: /^attribute .*\/element$/, rust: ['attributes'] },
  { name: 'elements known by their ids only', mode: 'inputs', paths: /^rare attribute .*\/input changed$/, rust: ['unknown'] },
  { name: 'fields that are secret by their names', mode: 'inputs', paths: /^sent\/.*by its name/, rust: ['names'] },
  { name: 'passwords, everywhere', mode: 'none', paths: /^(input password|password)\//, js: [without('[type=password i]')], rust: ['secret'] },
  { name: 'meta content', mode: 'inputs', paths: /^page\/meta/, rust: ['meta'] },
  { name: 'srcdoc', mode: 'inputs', paths: /^attribute srcdoc\//, rust: ['srcdoc'] },
  { name: 'handlers', mode: 'inputs', paths: /^attribute onclick\//, rust: ['handlers'] },
  { name: 'comments', mode: 'inputs', paths: /^comment\//, js: [[/slimDOMOptions:!0/, 'slimDOMOptions:!1']], rust: ['comments'] },
  { name: 'query and fragment', mode: 'inputs', paths: /^(page|link|form|route|referrer)\//, rust: ['links', 'url'] },
  { name: 'style sheets', mode: 'text', paths: /^style\//, rust: ['css'] },
  ...Object.entries({
    email: ['email'],
    card: ['card'],
    iban: ['iban'],
    // The parts of such a token are tokens, too.
    jwt: ['jwt', 'token'],
    hex: ['token'],
    base64: ['token'],
    phone: ['phone'],
    order: ['pattern'],
  }).map(([shape, rust]) => ({ name: `redaction of ${shape}`, mode: 'inputs', paths: new RegExp(`^${shape}`), rust })),
];

/** `text` with each replacement done. A pattern has to be found once, a word at least once. */
function replaced(text, pairs, what) {
  return pairs.reduce((before, [from, to]) => {
    const isWord = typeof from === 'string';
    const found = isWord ? before.split(from).length - 1 : [...before.matchAll(new RegExp(from, 'g'))].length;
    if (found === 0 || (!isWord && found > 1)) throw new Error(`mutant "${what}": ${from} is there ${found} times`);
    if (isWord && from.length !== to.length) throw new Error(`mutant "${what}": ${to} has another length`);
    return isWord ? before.replaceAll(from, to) : before.replace(from, to);
  }, text);
}

/** The changed files of a mutant, for `Host.mutant`; throws where there is nothing to change. */
export function changeOf({ name, js = [], wasm = [], rust = [] }) {
  const off = rust.length ? [[/\[(\w+)\.mask,/, `[$1.mask+"!${rust.join()}",`]] : [];
  return (file, bytes) => {
    if (file.startsWith('r/recorder.')) return Buffer.from(replaced(bytes.toString(), [...js, ...off], name));
    if (!file.endsWith('.wasm')) return bytes;
    const engine = rust.length ? readFileSync(ENGINE) : bytes;
    return Buffer.from(replaced(engine.toString('latin1'), wasm, name), 'latin1');
  };
}
