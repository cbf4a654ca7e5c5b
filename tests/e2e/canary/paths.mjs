// The ways on which a secret can get from a page into a recording, and what becomes of it.
//
// A path is a row: `{name, shape, expect, …}`. `expect` says for each mode whether a secret
// of it is `hidden` (it must be nowhere) or `shown` (it must be in the recording, else
// nothing would prove that the search can see).
//
// How the secret is planted: `html(secret, serve)` stands in the page when it loads
// (`serve(type, text)` gives the address of a file); `act(root,
// secret, arg)` runs in the page while it is recorded, `root` being the element around
// that HTML and `arg` the row's; `keys`, `paste`, `compose` and `drop` name the element that
// real keys type into, the clipboard is pasted into, an input method writes into, or a text
// is dropped into; `then(root)` runs after that. `where` names
// a part of the page itself instead, see pages.mjs.
//
// That a secret was on the page is looked up in the page: at the load, after `act`, after
// `then`, and where an `act` calls `canary.look(root)`. `proof(root)` gives the text to
// look in where that is not the elements'.
import { CORNERS } from './corners.mjs';
import { ALWAYS, FORM, FRAME, NEVER, PHONE, SHADOW, TEXT, path } from './row.mjs';
import { ON_REQUEST, SENSITIVE } from './secrets.mjs';
import { SELECTED } from './selected.mjs';

// ---- form controls -------------------------------------------------------------------

/**
 * Type, shape of what fits it, rule, further attributes; whether it takes any key. So many
 * digits could be a card of which not all is typed yet: they are hidden in every mode.
 */
const INPUTS = [
  ['text', 'word', FORM, '', true], ['search', 'word', FORM, '', true], ['email', 'word', FORM, '', true],
  ['tel', 'word', FORM, '', true], ['url', 'word', FORM, '', true], ['number', 'number', NEVER, 'step="any"', true],
  ['password', 'word', NEVER, '', true], ['x-unknown', 'word', FORM, '', true],
  ['date', 'date', NEVER], ['time', 'time', FORM, 'step="any"'], ['datetime-local', 'datetime', NEVER, 'step="any"'],
  ['month', 'month', FORM], ['week', 'week', FORM], ['color', 'color', FORM],
  ['range', 'number', NEVER, 'min="0" max="99999999" step="any"'], ['hidden', 'word', FORM],
  ['checkbox', 'word', FORM], ['radio', 'word', FORM],
  ['button', 'word', TEXT], ['submit', 'word', TEXT], ['reset', 'word', TEXT],
];

/** How a value gets into `<input>`, but for keys. */
const WAYS = {
  'set by script': { act: (root, secret) => { root.querySelector('input').value = secret; } },
  'auto-filled': {
    act: (root, secret) => {
      const input = root.querySelector('input');
      input.value = secret;
      input.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertReplacementText' }));
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
  },
  setAttribute: { act: (root, secret) => root.querySelector('input').setAttribute('value', secret) },
  defaultValue: { act: (root, secret) => { root.querySelector('input').defaultValue = secret; } },
  'added later': {
    act: (root, secret) => {
      const input = root.querySelector('input').cloneNode();
      input.setAttribute('value', secret);
      root.append(input);
    },
  },
};

const inputs = INPUTS.flatMap(([type, shape, expect, attributes = '', takesKeys = false]) => {
  const html = (value) => `<input type="${type}" ${attributes} ${value}>`;
  const name = `input ${type}/`;
  const rows = [path(`${name}pre-filled`, expect, { html: (secret) => html(`value="${secret}"`) }, shape)];
  for (const [way, how] of Object.entries(WAYS)) {
    rows.push(path(name + way, expect, { html: () => html(''), ...how }, shape));
  }
  if (takesKeys) {
    rows.push(path(`${name}typed`, expect, { html: () => html(''), keys: 'input' }, shape));
    rows.push(path(`${name}pasted`, expect, { html: () => html(''), paste: 'input' }, shape));
  }
  return rows;
});

const withoutType = [
  path('input without type/pre-filled', FORM, { html: (secret) => `<input value="${secret}">` }),
  path('input without type/typed', FORM, { html: () => '<input>', keys: 'input' }),
  path('input without type/type set after the value', FORM, {
    html: () => '<input>',
    act: (root, secret) => {
      const input = root.querySelector('input');
      input.value = secret;
      input.type = 'tel';
    },
  }),
  path('input without type/type password set after the value', NEVER, {
    html: () => '',
    act: (root, secret) => {
      const input = document.createElement('input');
      input.value = secret;
      input.type = 'password';
      root.append(input);
    },
  }),
];

const file = [
  path('input file/name', FORM, {
    html: () => '<input type="file">',
    act: (root, secret) => {
      const chosen = new DataTransfer();
      chosen.items.add(new File(['x'], `${secret}.txt`));
      const input = root.querySelector('input');
      input.files = chosen.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
    proof: (root) => root.querySelector('input').value,
  }),
];

const passwords = [
  path('password/shown after typing', NEVER, { html: () => '<input type="password">', keys: 'input', then: (root) => { root.querySelector('input').type = 'text'; } }),
  path('password/typed while shown', NEVER, {
    html: () => '<input type="password">',
    act: (root) => { root.querySelector('input').type = 'text'; },
    keys: 'input',
  }),
  path('password/typed after shown and hidden', NEVER, {
    html: () => '<input type="password">',
    act: async (root) => {
      const input = root.querySelector('input');
      input.type = 'text';
      await canary.settled();
      input.type = 'password';
    },
    keys: 'input',
  }),
  path('password/set while shown', NEVER, {
    html: () => '<input type="password">',
    act: async (root, secret) => {
      const input = root.querySelector('input');
      input.type = 'text';
      await canary.settled();
      input.value = secret;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
  }),
  path('password/attribute set while shown', NEVER, {
    html: () => '<input type="password">',
    act: async (root, secret) => {
      const input = root.querySelector('input');
      input.type = 'text';
      await canary.settled();
      input.setAttribute('value', secret);
    },
  }),
  path('password/moved while shown', NEVER, {
    html: (secret) => `<i></i><input type="password" value="${secret}">`,
    act: async (root) => {
      const input = root.querySelector('input');
      input.type = 'text';
      await canary.settled();
      root.querySelector('i').append(input);
    },
  }),
  path('password/upper case', NEVER, { html: (secret) => `<input type="PassWord" value="${secret}">` }),
  ...['one-time-code', 'cc-number', 'cc-csc', 'current-password', 'new-password', 'section-a billing cc-exp'].flatMap((purpose) => [
    path(`autocomplete ${purpose}/pre-filled`, NEVER, { html: (secret) => `<input autocomplete="${purpose}" value="${secret}">` }),
    path(`autocomplete ${purpose}/typed`, NEVER, { html: () => `<input autocomplete="${purpose}">`, keys: 'input' }),
    path(`autocomplete ${purpose}/set by script`, NEVER, { html: () => `<input autocomplete="${purpose}">`, ...WAYS['auto-filled'] }),
  ]),
];

const controls = [
  path('textarea/pre-filled', FORM, { html: (secret) => `<textarea>${secret}</textarea>` }),
  path('textarea/typed', FORM, { html: () => '<textarea></textarea>', keys: 'textarea' }),
  path('textarea/pasted', FORM, { html: () => '<textarea></textarea>', paste: 'textarea' }),
  path('textarea/set by script', FORM, { html: () => '<textarea></textarea>', act: (root, secret) => { root.querySelector('textarea').value = secret; } }),
  path('textarea/defaultValue', FORM, { html: () => '<textarea></textarea>', act: (root, secret) => { root.querySelector('textarea').defaultValue = secret; } }),
  path('textarea/text changed', FORM, { html: () => '<textarea>x</textarea>', act: (root, secret) => { root.querySelector('textarea').firstChild.data = secret; } }),
  path('select/value', FORM, { html: (secret) => `<select><option>a<option value="${secret}" selected>b</select>` }),
  path('select/text', FORM, { html: (secret) => `<select><option>a<option>${secret}</select>` }),
  path('select/label', FORM, { html: (secret) => `<select><option label="${secret}" value="b">b</select>` }),
  path('select/optgroup', FORM, { html: (secret) => `<select><optgroup label="${secret}"><option>b</optgroup></select>` }),
  path('select/chosen by script', FORM, {
    html: (secret) => `<select><option>a<option value="${secret}">b</select>`,
    act: (root, secret) => {
      const select = root.querySelector('select');
      select.value = secret;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    },
  }),
  path('select/option added', FORM, { html: () => '<select><option>a</select>', act: (root, secret) => root.querySelector('select').add(new Option(secret, secret)) }),
  path('select/option text changed', FORM, { html: () => '<select><option>a</select>', act: (root, secret) => { root.querySelector('option').textContent = secret; } }),
  path('datalist/value', FORM, { html: (secret) => `<input list="d"><datalist id="d"><option value="${secret}"></datalist>` }),
  path('datalist/text', FORM, { html: (secret) => `<datalist><option value="a">${secret}</option></datalist>` }),
  path('output/text', FORM, { html: (secret) => `<output>${secret}</output>` }),
  path('output/set by script', FORM, { html: () => '<output></output>', act: (root, secret) => { root.querySelector('output').value = secret; } }),
  path('role listbox/text', FORM, { html: (secret) => `<ul role="listbox"><li role="option">${secret}</ul>` }),
  path('role option/text changed', FORM, { html: () => '<p role="option">x</p>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }),
  path('button/text', TEXT, { html: (secret) => `<button>${secret}</button>` }),
  path('button/value', TEXT, { html: (secret) => `<button value="${secret}">x</button>` }),
  path('label/text', TEXT, { html: (secret) => `<label>${secret}<input></label>` }),
  path('legend/text', TEXT, { html: (secret) => `<fieldset><legend>${secret}</legend></fieldset>` }),
  path('image button/alt', TEXT, { html: (secret) => `<input type="image" alt="${secret}" src="data:,">` }),
];

const edited = [
  ['contenteditable', '<div contenteditable>', '</div>'],
  ['contenteditable plaintext-only', '<div contenteditable="plaintext-only">', '</div>'],
  ['contenteditable nested', '<div contenteditable="true"><p><b>', '</b></p></div>'],
  ['role textbox', '<div role="textbox" tabindex="0">', '</div>'],
  ['role searchbox', '<div role="searchbox" tabindex="0">', '</div>'],
  ['role combobox', '<div role="combobox" tabindex="0">', '</div>'],
].flatMap(([name, open, close]) => [
  path(`${name}/pre-filled`, FORM, { html: (secret) => open + secret + close }),
  path(`${name}/innerText`, FORM, { html: () => `${open}x${close}`, act: (root, secret) => { canary.deepest(root).innerText = secret; } }),
  path(`${name}/text changed`, FORM, { html: () => `${open}x${close}`, act: (root, secret) => { canary.deepest(root).firstChild.data = secret; } }),
  path(`${name}/element added`, FORM, { html: () => `${open}x${close}`, act: (root, secret) => canary.deepest(root).insertAdjacentHTML('beforeend', `<i>${secret}</i>`) }),
  ...(name.startsWith('content') ? [
    path(`${name}/typed`, FORM, { html: () => `${open}x${close}`, keys: '[contenteditable]' }),
    path(`${name}/pasted`, FORM, { html: () => `${open}x${close}`, paste: '[contenteditable]' }),
  ] : []),
]);

const made = [
  path('contenteditable/made so while recorded', FORM, {
    html: () => '<div>x</div>',
    act: async (root, secret) => {
      root.firstChild.contentEditable = 'true';
      await canary.settled();
      root.firstChild.firstChild.data = secret;
    },
  }),
  path('contenteditable/island of what is not', TEXT, { html: (secret) => `<div contenteditable="false">${secret}</div>` }),
  path('designMode/frame', FORM, {
    html: () => '<iframe></iframe>',
    act: async (root, secret) => {
      const page = root.firstChild.contentDocument;
      page.designMode = 'on';
      await canary.settled();
      page.body.append(secret);
    },
  }),
];

// ---- attributes ----------------------------------------------------------------------

const WORDY = ['title', 'alt', 'aria-label', 'aria-description', 'aria-valuetext', 'aria-placeholder', 'aria-roledescription',
  'data-user', 'data-x-y', 'summary', 'label', 'placeholder', 'download', 'x-custom'];

const setAttribute = (root, secret, name) => (root.querySelector('b') ?? root.firstChild).setAttribute(name, secret);

const attributes = WORDY.flatMap((name) => [
  path(`attribute ${name}/element`, TEXT, { html: (secret) => `<div ${name}="${secret}"></div>` }),
  path(`attribute ${name}/input`, FORM, { html: (secret) => `<input ${name}="${secret}">` }),
  path(`attribute ${name}/password`, NEVER, { html: (secret) => `<input type="password" ${name}="${secret}">` }),
  path(`attribute ${name}/inside mask`, NEVER, { html: (secret) => `<p data-rr-mask><b ${name}="${secret}">x</b></p>` }),
  path(`attribute ${name}/changed`, TEXT, { html: () => '<div></div>', act: setAttribute, arg: name }),
  path(`attribute ${name}/changed inside mask`, NEVER, { html: () => '<p data-rr-mask><b>x</b></p>', act: setAttribute, arg: name }),
]);

const otherAttributes = [
  path('attribute value/custom element', FORM, { html: (secret) => `<x-field value="${secret}"></x-field>` }),
  path('attribute value/li data progress', TEXT, { html: (secret) => `<data value="${secret}">x</data>` }),
  path('attribute onclick/element', NEVER, { html: (secret) => `<i onclick="f('${secret}')"></i>` }),
  path('attribute onclick/changed', NEVER, { html: () => '<i></i>', act: (root, secret) => root.firstChild.setAttribute('onclick', `f('${secret}')`) }),
  path('attribute srcdoc/element', TEXT, { html: (secret) => `<iframe srcdoc="<p>${secret}</p>"></iframe>` }),
  path('attribute srcdoc/script inside', NEVER, { html: (secret) => `<iframe srcdoc="<script>'${secret}'</script>"></iframe>`, proof: (root) => root.firstChild.srcdoc }),
  path('attribute nonce/element', NEVER, { html: (secret) => `<script nonce="${secret}" type="text/plain"></script>`, proof: (root) => root.firstChild.nonce }),
];

// ---- what authors forbid and allow -----------------------------------------------------

/** The attributes, and what is hidden by the page's own selectors, see tag.mjs. */
const FORBIDDEN = ['data-rr-mask', 'data-rr-block', 'data-own-mask', 'data-own-block'];

const forbidden = FORBIDDEN.flatMap((mark) => [
  path(`${mark}/text`, NEVER, { html: (secret) => `<p ${mark}>${secret}</p>` }),
  path(`${mark}/text deep inside`, NEVER, { html: (secret) => `<div ${mark}><ul><li>a<li><b>${secret}</b></ul></div>` }),
  path(`${mark}/text beside the mark`, TEXT, { html: (secret) => `<p ${mark}>x</p><p>${secret}</p>` }),
  path(`${mark}/text added later`, NEVER, { html: () => `<p ${mark}>x</p>`, act: (root, secret) => root.firstChild.append(secret) }),
  path(`${mark}/element added later`, NEVER, { html: () => `<p ${mark}>x</p>`, act: (root, secret) => root.firstChild.insertAdjacentHTML('beforeend', `<b title="${secret}"><i>${secret}</i></b>`) }),
  path(`${mark}/text changed`, NEVER, { html: () => `<p ${mark}>x</p>`, act: (root, secret) => { root.firstChild.firstChild.data = secret; } }),
  path(`${mark}/innerText`, NEVER, { html: () => `<p ${mark}><b>x</b></p>`, act: (root, secret) => { root.querySelector('b').innerText = secret; } }),
  path(`${mark}/input inside`, NEVER, { html: (secret) => `<p ${mark}><input value="${secret}"></p>` }),
  path(`${mark}/input inside typed`, NEVER, { html: () => `<p ${mark}><input></p>`, keys: 'input' }),
  path(`${mark}/svg text inside`, NEVER, { html: (secret) => `<p ${mark}><svg><text>${secret}</text></svg></p>` }),
  path(`${mark}/shadow root inside`, NEVER, { html: (secret) => `<p ${mark}><span><template shadowrootmode="open"><i>${secret}</i></template></span></p>` }),
  path(`${mark}/frame inside`, NEVER, { html: (secret) => `<p ${mark}><iframe srcdoc="<p>${secret}</p>"></iframe></p>` }),
  path(`${mark}/moved out after it was changed back`, NEVER, {
    html: () => `<p ${mark}><b>x</b></p>`,
    act: async (root, secret) => {
      const text = root.querySelector('b').firstChild;
      text.data = secret;
      canary.look(root);
      await canary.settled();
      text.data = 'x';
      await canary.settled();
      root.append(text.parentNode);
    },
  }),
  path(`${mark}/changed after it was moved in`, NEVER, {
    html: () => `<p ${mark}></p><b>x</b>`,
    act: async (root, secret) => {
      const moved = root.querySelector('b');
      root.firstChild.append(moved);
      await canary.settled();
      moved.firstChild.data = secret;
      await canary.settled();
    },
  }),
  path(`${mark}/moved in and changed at once`, NEVER, {
    html: () => `<p ${mark}></p><b>x</b>`,
    act: (root, secret) => {
      const moved = root.querySelector('b');
      root.firstChild.append(moved);
      moved.firstChild.data = secret;
    },
  }),
  path(`${mark}/text of what is moved in at once`, NEVER, {
    html: () => `<p ${mark}></p>`,
    act: (root, secret) => {
      const made = document.createElement('b');
      root.append(made);
      made.textContent = secret;
      root.firstChild.append(made);
    },
  }),
  path(`${mark}/set while recorded`, NEVER, {
    html: () => '<p>x</p>',
    act: async (root, secret, attribute) => {
      root.firstChild.setAttribute(attribute, '');
      await canary.settled();
      root.firstChild.firstChild.data = secret;
    },
    arg: mark,
  }),
  path(`${mark}/taken away after it was changed back`, NEVER, {
    html: () => `<p ${mark}>x</p>`,
    act: async (root, secret, attribute) => {
      const text = root.firstChild.firstChild;
      text.data = secret;
      canary.look(root);
      await canary.settled();
      text.data = 'x';
      await canary.settled();
      root.firstChild.removeAttribute(attribute);
    },
    arg: mark,
  }),
]);

const ignored = ['data-rr-ignore', 'data-own-ignore'].flatMap((mark) => [
  path(`${mark}/typed`, NEVER, { html: () => `<input ${mark}>`, keys: 'input' }),
  path(`${mark}/set by script`, NEVER, { html: () => `<input ${mark}>`, ...WAYS['auto-filled'] }),
  path(`${mark}/typed inside`, NEVER, { html: () => `<form ${mark}><textarea></textarea></form>`, keys: 'textarea' }),
]);


const allowed = [
  path('data-sentiero-unmask/text', ALWAYS, { html: (secret) => `<p data-sentiero-unmask>${secret}</p>` }),
  path('data-sentiero-unmask/pre-filled', ALWAYS, { html: (secret) => `<input data-sentiero-unmask value="${secret}">` }),
  path('data-sentiero-unmask/typed', ALWAYS, { html: () => '<input data-sentiero-unmask>', keys: 'input' }),
  path('data-sentiero-unmask/typed inside', ALWAYS, { html: () => '<p data-sentiero-unmask><textarea></textarea></p>', keys: 'textarea' }),
  path('data-sentiero-unmask/text changed', ALWAYS, { html: () => '<p data-sentiero-unmask>x</p>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }),
  path('data-sentiero-unmask/password', NEVER, { html: (secret) => `<input data-sentiero-unmask type="password" value="${secret}">` }),
  path('data-sentiero-unmask/password typed', NEVER, { html: () => '<input data-sentiero-unmask type="password">', keys: 'input' }),
  path('data-sentiero-unmask/password shown', NEVER, {
    html: () => '<p data-sentiero-unmask><input type="password"></p>',
    act: async (root) => {
      root.querySelector('input').type = 'text';
      await canary.settled();
    },
    keys: 'input',
  }),
  path('data-sentiero-unmask/inside a mask', NEVER, { html: (secret) => `<div data-rr-mask><p data-sentiero-unmask>${secret}</p></div>` }),
  path('data-sentiero-unmask/around a mask', NEVER, { html: (secret) => `<div data-sentiero-unmask><p data-rr-mask>${secret}</p></div>` }),
  path('data-sentiero-unmask/around a block', NEVER, { html: (secret) => `<div data-sentiero-unmask><p data-rr-block>${secret}</p></div>` }),
  path('data-sentiero-unmask/taken away', FORM, {
    html: () => '<p data-sentiero-unmask><input></p>',
    act: async (root) => {
      root.firstChild.removeAttribute('data-sentiero-unmask');
      await canary.settled();
    },
    keys: 'input',
  }),
];

// ---- text, and what is none ------------------------------------------------------------

const text = [
  path('text/paragraph', TEXT, { html: (secret) => `<p>${secret}</p>` }),
  path('text/added later', TEXT, { html: () => '<p></p>', act: (root, secret) => root.firstChild.append(secret) }),
  path('text/changed', TEXT, { html: () => '<p>x</p>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }),
  path('text/link', TEXT, { html: (secret) => `<a href="/">${secret}</a>` }),
  path('text/summary', TEXT, { html: (secret) => `<details><summary>${secret}</summary></details>` }),
  path('text/canvas fallback', TEXT, { html: (secret) => `<canvas>${secret}</canvas>` }),
  path('text/hidden element', TEXT, { html: (secret) => `<p hidden>${secret}</p>` }),
  path('text/pre with a line break', TEXT, { html: (secret) => `<pre>\n a\n${secret}</pre>` }),
  path('svg/text', TEXT, { html: (secret) => `<svg><text>${secret}</text></svg>` }),
  path('svg/title', TEXT, { html: (secret) => `<svg><title>${secret}</title></svg>` }),
  path('svg/desc', TEXT, { html: (secret) => `<svg><desc>${secret}</desc></svg>` }),
  path('svg/foreignObject input', FORM, { html: (secret) => `<svg><foreignObject><input value="${secret}"></foreignObject></svg>` }),
  path('svg/data: picture', NEVER, { html: (secret) => `<img data-rr-mask src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text>${secret}</text></svg>">` }),
  path('mathml/text', TEXT, { html: (secret) => `<math><mtext>${secret}</mtext></math>` }),
  path('comment/at the load', NEVER, { html: (secret) => `<!-- ${secret} -->` }),
  path('comment/added later', NEVER, { html: () => '', act: (root, secret) => root.append(document.createComment(secret)) }),
  path('noscript/text', NEVER, { html: (secret) => `<noscript><p>${secret}</p></noscript>` }),
  path('template/content', NEVER, { html: (secret) => `<template><p>${secret}</p></template>` }),
  path('script/text', NEVER, { html: (secret) => `<script>"${secret}"</script>` }),
  path('script/JSON', NEVER, { html: (secret) => `<script type="application/json">{"a":"${secret}"}</script>` }),
  path('script/JSON added later', NEVER, {
    html: () => '',
    act: (root, secret) => {
      const script = document.createElement('script');
      script.type = 'application/ld+json';
      script.text = `{"a":"${secret}"}`;
      root.append(script);
    },
  }),
  path('script/JSON text changed', NEVER, { html: () => '<script type="application/json">{}</script>', act: (root, secret) => { root.firstChild.firstChild.data = `{"a":"${secret}"}`; } }),
];

/** The same rules inside of another tree. */
const trees = Object.entries({ 'shadow root': SHADOW, frame: FRAME, 'shadow root in a frame': (inside) => FRAME(SHADOW(inside)) }).flatMap(([name, tree]) => [
  path(`${name}/text`, TEXT, { html: (secret) => tree(`<p>${secret}</p>`) }),
  path(`${name}/text changed`, TEXT, { html: () => tree('<p>x</p>'), act: (root, secret) => { canary.inside(root, 'p').firstChild.data = secret; } }),
  path(`${name}/input pre-filled`, FORM, { html: (secret) => tree(`<input value="${secret}">`) }),
  path(`${name}/input typed`, FORM, { html: () => tree('<input>'), keys: 'input' }),
  path(`${name}/input set by script`, FORM, { html: () => tree('<input>'), act: (root, secret) => { canary.inside(root, 'input').value = secret; } }),
  path(`${name}/password pre-filled`, NEVER, { html: (secret) => tree(`<input type="password" value="${secret}">`) }),
  path(`${name}/password typed`, NEVER, { html: () => tree('<input type="password">'), keys: 'input' }),
  path(`${name}/contenteditable changed`, FORM, { html: () => tree('<div contenteditable>x</div>'), act: (root, secret) => { canary.inside(root, 'div').firstChild.data = secret; } }),
  path(`${name}/masked text`, NEVER, { html: (secret) => tree(`<p data-rr-mask>${secret}</p>`) }),
  path(`${name}/masked text changed`, NEVER, { html: () => tree('<p data-rr-mask>x</p>'), act: (root, secret) => { canary.inside(root, 'p').firstChild.data = secret; } }),
  path(`${name}/masked from outside, changed`, NEVER, { html: () => `<section data-rr-mask>${tree('<p>x</p>')}</section>`, act: (root, secret) => { canary.inside(root, 'p').firstChild.data = secret; } }),
  path(`${name}/masked from outside, added`, NEVER, { html: () => `<section data-rr-mask>${tree('<p>x</p>')}</section>`, act: (root, secret) => canary.inside(root, 'p').insertAdjacentHTML('beforeend', `<b title="${secret}">${secret}</b>`) }),
  path(`${name}/masked from outside, input typed`, NEVER, { html: () => `<section data-rr-mask>${tree('<input>')}</section>`, keys: 'input' }),
]);

const otherTrees = [
  path('shadow root/attached later', TEXT, {
    html: () => '<span></span>',
    act: (root, secret) => { root.firstChild.attachShadow({ mode: 'open' }).innerHTML = `<p>${secret}</p>`; },
  }),
  path('shadow root/closed', NEVER, {
    html: () => '<span></span>',
    act: (root, secret) => {
      root.closed = root.firstChild.attachShadow({ mode: 'closed' });
      root.closed.innerHTML = `<p>${secret}</p>`;
    },
    proof: (root) => root.closed.innerHTML,
  }),
  path('shadow root/slotted text', TEXT, { html: (secret) => `<span><template shadowrootmode="open"><slot></slot></template>${secret}</span>` }),
  path('frame/file of the same origin', TEXT, { html: (secret, serve) => `<iframe src="${serve('text/html', `<p>${secret}</p>`)}"></iframe>` }),
  path('frame/input of the same origin', FORM, { html: (secret, serve) => `<iframe src="${serve('text/html', `<input value="${secret}">`)}"></iframe>` }),
  path('frame/query of its address', NEVER, { html: (secret, serve) => `<iframe src="${serve('text/html', 'x')}#${secret}"></iframe>` }, 'email'),
];

// ---- style -----------------------------------------------------------------------------

const style = [
  path('style/attribute, custom property', TEXT, { html: (secret) => `<i style='--x:"${secret}"'></i>` }),
  path('style/attribute, content', TEXT, { html: (secret) => `<i style='content:"${secret}"'></i>` }),
  path('style/attribute inside a mask', NEVER, { html: (secret) => `<p data-rr-mask><i style='--x:"${secret}"'></i></p>` }),
  path('style/attribute of an input', FORM, { html: (secret) => `<input style='--x:"${secret}"'>` }),
  path('style/attribute changed', TEXT, { html: () => '<i></i>', act: (root, secret) => root.firstChild.setAttribute('style', `--x:"${secret}"`) }),
  path('style/property set', TEXT, { html: () => '<i style="color:red"></i>', act: (root, secret) => root.firstChild.style.setProperty('--x', `"${secret}"`) }),
  path('style/property set inside a mask', NEVER, { html: () => '<p data-rr-mask><i style="color:red"></i></p>', act: (root, secret) => root.querySelector('i').style.setProperty('--x', `"${secret}"`) }),
  path('style/content of a rule', TEXT, { html: (secret) => `<style>.c::before{content:"${secret}"}</style>` }),
  path('style/content of a rule, escaped', TEXT, { html: (secret) => `<style>.c::before{content:"\\${secret.charCodeAt(0).toString(16)} ${secret.slice(1)}"}</style>`, proof: (root) => root.firstChild.sheet.cssRules[0].style.content }),
  path('style/custom property of a rule', TEXT, { html: (secret) => `<style>.c{--x:"${secret}"}</style>` }),
  path('style/comment', NEVER, { html: (secret) => `<style>/* ${secret} */ .c{color:red}</style>` }),
  path('style/text changed', TEXT, { html: () => '<style>.c{color:red}</style>', act: (root, secret) => { root.firstChild.firstChild.data = `.c::before{content:"${secret}"}`; } }),
  path('style/insertRule', TEXT, {
    html: () => '<style>.c{color:red}</style>',
    act: (root, secret) => root.firstChild.sheet.insertRule(`.c::after{content:"${secret}"}`),
    proof: (root) => root.firstChild.sheet.cssRules[0].cssText,
  }),
  path('style/rule property set', TEXT, {
    html: () => '<style>.c{color:red}</style>',
    act: (root, secret) => root.firstChild.sheet.cssRules[0].style.setProperty('--x', `"${secret}"`),
    proof: (root) => root.firstChild.sheet.cssRules[0].cssText,
  }),
  path('style/constructed sheet', TEXT, {
    html: () => '',
    act: (root, secret) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`.c::after{content:"${secret}"}`);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    },
    proof: () => document.adoptedStyleSheets.map((sheet) => sheet.cssRules[0].cssText).join(),
  }),
  path('style/attr() of a data attribute', TEXT, { html: (secret) => `<style>.d::before{content:attr(data-said)}</style><i class="d" data-said="${secret}"></i>` }),
  path('style/attr() inside a mask', NEVER, { html: (secret) => `<p data-rr-mask><i class="d" data-said="${secret}"></i></p>` }),
  path('style/sheet of a link', TEXT, {
    html: (secret, serve) => `<link rel="stylesheet" href="${serve('text/css', `.c::after{content:"${secret}"}`)}">`,
    proof: (root) => root.firstChild.sheet.cssRules[0].cssText,
  }),
];

// ---- what looks like a secret ----------------------------------------------------------

/** Places of ordinary text; what looks like a secret is hidden in each. */
const PLACES = {
  text: { html: (secret) => `<p>Dear customer, we wrote to ${secret}, as you asked.</p>` },
  'text by itself': { html: (secret) => `<p>${secret}</p>` },
  'text changed': { html: () => '<p>x</p>', act: (root, secret) => { root.firstChild.firstChild.data = `now (${secret}).`; } },
  'text added': { html: () => '<p></p>', act: (root, secret) => root.firstChild.insertAdjacentHTML('beforeend', `<b>to: ${secret}</b>`) },
  attribute: { html: (secret) => `<div title="write to ${secret} today"></div>` },
  'unmasked field': { html: (secret) => `<input data-sentiero-unmask value="${secret}">` },
  'custom event': { act: (root, secret) => Sentiero.addCustomEvent('bought', { list: [{ note: `for ${secret}, thanks` }] }), proof: (root, secret) => secret },
};

/** Everywhere for a few, everything in one place. */
const WIDESPREAD = ['email', 'card-visa', 'card-amex-spaces', 'iban-DE-spaces', 'jwt', 'hex-32', 'base64-44', 'phone-it', 'order'];

const sensitive = [...SENSITIVE, ...ON_REQUEST].flatMap((shape) =>
  Object.entries(PLACES)
    .filter(([place]) => place === 'text' || WIDESPREAD.includes(shape))
    // In a form field a number may be any number, and is hidden as such.
    .map(([place, how]) => path(`${shape}/${place}`, shape.startsWith('phone') && place !== 'unmasked field' ? PHONE : NEVER, how, shape)));

// ---- addresses -------------------------------------------------------------------------

const addresses = [
  path('link/query', NEVER, { html: (secret) => `<a href="/a?q=${secret}">x</a>` }),
  path('link/fragment', NEVER, { html: (secret) => `<a href="/a#${secret}">x</a>` }),
  path('link/path', ALWAYS, { html: (secret) => `<a href="/a/${secret}">x</a>` }),
  path('link/path, e-mail', NEVER, { html: (secret) => `<a href="/a/${secret}">x</a>` }, 'email'),
  path('link/path, encoded e-mail', NEVER, { html: (secret) => `<a href="/a/${encodeURIComponent(secret)}">x</a>`, proof: (root) => decodeURIComponent(root.firstChild.href) }, 'email'),
  path('link/path, token', NEVER, { html: (secret) => `<a href="/reset/${secret}">x</a>` }, 'hex-40'),
  path('link/mailto', NEVER, { html: (secret) => `<a href="mailto:${secret}">x</a>` }, 'email'),
  path('link/mailto, subject', NEVER, { html: (secret) => `<a href="mailto:a@b.example?subject=${secret}">x</a>` }),
  path('link/tel', NEVER, { html: (secret) => `<a href="tel:${secret.replaceAll(' ', '')}">x</a>`, proof: (root, secret) => root.firstChild.href.includes(secret.replaceAll(' ', '')) && secret }, 'phone-it'),
  path('link/password in it', NEVER, { html: (secret) => `<a href="https://user:${secret}@host.example/">x</a>` }),
  path('link/javascript', NEVER, { html: (secret) => `<a href="javascript:f('${secret}')">x</a>` }),
  path('link/changed', NEVER, { html: () => '<a href="/">x</a>', act: (root, secret) => { root.firstChild.href = `/a?q=${secret}`; } }),
  path('link/ping', NEVER, { html: (secret) => `<a ping="/a?q=${secret}">x</a>` }),
  path('form/action', NEVER, { html: (secret) => `<form action="/a?q=${secret}"></form>` }),
  path('form/formaction', NEVER, { html: (secret) => `<form><button formaction="/a?q=${secret}">x</button></form>` }),
  path('image/query', ALWAYS, { html: (secret) => `<img src="/i.svg?q=${secret}">` }),
  path('image/query, e-mail', NEVER, { html: (secret) => `<img src="/i.svg?q=${secret}">` }, 'email'),
  path('image/query, token', NEVER, { html: (secret) => `<img src="/i.svg?q=${secret}">` }, 'jwt'),
  path('image/srcset, e-mail', NEVER, { html: (secret) => `<img srcset="/i.svg?q=${secret} 2x">` }, 'email'),
  path('image/changed, e-mail', NEVER, { html: () => '<img src="/i.svg">', act: (root, secret) => { root.firstChild.src = `/i.svg?q=${secret}`; } }, 'email'),
  path('frame/src, e-mail', NEVER, { html: (secret) => `<iframe src="/frame?x=${secret}"></iframe>` }, 'email'),
  path('style/url() of a rule, e-mail', NEVER, { html: (secret) => `<style>.c{background:url("/i.svg?q=${secret}")}</style>` }, 'email'),
];

// ---- the page itself -------------------------------------------------------------------

const location_ = { proof: () => canary.landed };
const page = [
  path('page/query', NEVER, { where: 'query', ...location_ }),
  path('page/fragment', NEVER, { where: 'fragment', ...location_ }),
  path('page/path', ALWAYS, { where: 'path', ...location_ }),
  path('page/path, e-mail', NEVER, { where: 'path', ...location_ }, 'email'),
  path('page/path, token', NEVER, { where: 'path', ...location_ }, 'hex-64-upper'),
  path('page/title', TEXT, { where: 'title', proof: () => document.title }),
  path('page/title, e-mail', NEVER, { where: 'title', proof: () => document.title }, 'email'),
  path('page/meta description', NEVER, { where: 'head', html: (secret) => `<meta name="description" content="${secret}">`, proof: () => document.head.outerHTML }),
  path('page/meta csrf', NEVER, { where: 'head', html: (secret) => `<meta name="csrf-token" content="${secret}">`, proof: () => document.head.outerHTML }),
  path('page/meta refresh', NEVER, { where: 'head', html: (secret) => `<meta http-equiv="refresh" content="9999;url=/a?${secret}">`, proof: () => document.head.outerHTML }),
  path('page/canonical link', NEVER, { where: 'head', html: (secret) => `<link rel="canonical" href="/a?q=${secret}">`, proof: () => document.head.outerHTML }),
  path('page/script in the head', NEVER, { where: 'head', html: (secret) => `<script>window.user = "${secret}"</script>`, proof: () => document.head.outerHTML }),
  path('referrer/query', NEVER, { where: 'referrer query', proof: () => document.referrer }),
  path('referrer/path', ALWAYS, { where: 'referrer path', proof: () => document.referrer }),
  path('referrer/path, e-mail', NEVER, { where: 'referrer path', proof: () => document.referrer }, 'email'),
  path('page/window.name', NEVER, { act: (root, secret) => { window.name += secret; }, proof: () => window.name }),
  path('page/localStorage', NEVER, { act: (root, secret) => { localStorage.own = (localStorage.own ?? '') + secret; }, proof: () => localStorage.own }),
  path('page/sessionStorage', NEVER, { act: (root, secret) => { sessionStorage.own = (sessionStorage.own ?? '') + secret; }, proof: () => sessionStorage.own }),
  path('page/cookie', NEVER, { act: (root, secret) => { document.cookie = `c${secret}=${secret}; SameSite=Lax`; }, proof: () => document.cookie }),
  path('page/history.state', NEVER, { act: (root, secret) => history.replaceState({ ...history.state, [secret]: secret }, ''), proof: () => JSON.stringify(history.state) }),
  path('page/console', NEVER, { act: (root, secret) => console.error(`failed for ${secret}`), proof: (root, secret) => secret }),
  path('page/error thrown', NEVER, { act: (root, secret) => { setTimeout(() => { throw new Error(secret); }); }, proof: (root, secret) => secret }),
  path('page/promise rejected', NEVER, { act: (root, secret) => { void Promise.reject(new Error(secret)); }, proof: (root, secret) => secret }),
  path('page/fetched', NEVER, { act: (root, secret) => fetch(`/i.svg?q=${secret}`, { method: 'POST', body: secret }), proof: (root, secret) => secret }),
  path('page/selected and copied', NEVER, {
    html: (secret) => `<p data-rr-mask>${secret}</p>`,
    act: (root) => {
      getSelection().selectAllChildren(root);
      document.execCommand('copy');
    },
  }),
];

/** One after the other: each takes the place of the one before; `canary` remembers them. */
const routes = [
  path('page/title changed', TEXT, { act: (root, secret) => { canary.titles += document.title = secret; }, proof: () => canary.titles }),
  path('route/pushState query', NEVER, { act: (root, secret) => canary.route('pushState', `?q=${secret}`), proof: () => canary.routes }),
  path('route/pushState path', ALWAYS, { act: (root, secret) => canary.route('pushState', `/p/${secret}`), proof: () => canary.routes }),
  path('route/pushState path, e-mail', NEVER, { act: (root, secret) => canary.route('pushState', `/p/${secret}`), proof: () => canary.routes }, 'email'),
  path('route/replaceState query', NEVER, { act: (root, secret) => canary.route('replaceState', `?q=${secret}`), proof: () => canary.routes }),
  path('route/replaceState path', ALWAYS, { act: (root, secret) => canary.route('replaceState', `/p/${secret}`), proof: () => canary.routes }),
  path('route/hash', NEVER, { act: (root, secret) => canary.hash(secret), proof: () => canary.routes }),
].map((row) => ({ ...row, late: true }));

// ---- what the page's own code sends ----------------------------------------------------

const said = { proof: (root, secret) => secret };
const events = [
  path('custom event/tag', ALWAYS, { act: (root, secret) => Sentiero.addCustomEvent(secret, {}), ...said }),
  path('custom event/tag, e-mail', NEVER, { act: (root, secret) => Sentiero.addCustomEvent(secret, {}), ...said }, 'email'),
  path('custom event/payload', ALWAYS, { act: (root, secret) => Sentiero.addCustomEvent('x', { deep: [{ down: [secret] }] }), ...said }),
  path('custom event/payload is a text', ALWAYS, { act: (root, secret) => Sentiero.addCustomEvent('x', secret), ...said }),
  path('custom event/key', ALWAYS, { act: (root, secret) => Sentiero.addCustomEvent('x', { [secret]: 1 }), ...said }),
  path('custom event/key, e-mail', NEVER, { act: (root, secret) => Sentiero.addCustomEvent('x', { [secret]: 1 }), ...said }, 'email'),
  path('custom event/query of an address', NEVER, { act: (root, secret) => Sentiero.addCustomEvent('x', { pageUrl: `https://a.example/?q=${secret}`, deep: { href: `/a#${secret}` } }), ...said }),
  path('custom event/address in a text, e-mail', NEVER, { act: (root, secret) => Sentiero.addCustomEvent('x', { note: `see https://a.example/u/${encodeURIComponent(secret)}?x` }), ...said }, 'email'),
  path('custom event/number as a card', NEVER, { act: (root, secret) => Sentiero.addCustomEvent('x', { card: Number(secret) }), ...said }, 'card-visa'),
];

/** Only where this recorder can do it; see `Sentiero.setMetadata`. */
const metadata = [
  path('metadata/value', ALWAYS, { act: (root, secret) => Sentiero.setMetadata({ plan: secret }), ...said }),
  path('metadata/value, e-mail', NEVER, { act: (root, secret) => Sentiero.setMetadata({ plan: secret }), ...said }, 'email'),
  path('metadata/value, card', NEVER, { act: (root, secret) => Sentiero.setMetadata({ plan: secret }), ...said }, 'card-visa'),
].map((row) => ({ ...row, needs: 'setMetadata' }));

/** What stands in generated static pages. */
export const STATIC = [
  ...inputs, ...withoutType, ...file, ...passwords, ...controls, ...edited, ...made, ...attributes, ...otherAttributes,
  ...forbidden, ...ignored, ...SELECTED, ...allowed, ...text, ...trees, ...otherTrees, ...style, ...sensitive, ...addresses, ...page,
  ...routes, ...events, ...metadata, ...CORNERS,
];

// ---- a page rendered by React ----------------------------------------------------------

const atStart = (kind) => ({ kind, atStart: true });
const rendered = (kind) => ({ kind, act: (root, secret) => window.react[root.id](secret) });
const filled = (kind, element) => ({ kind, keys: element });

/** `kind` names a component of react-page.jsx; `atStart`: it has the secret at its first rendering. */
export const REACT = [
  path('react controlled input/at the start', FORM, atStart('Controlled')),
  path('react controlled input/rendered', FORM, rendered('Controlled')),
  path('react controlled input/typed', FORM, filled('Controlled', 'input')),
  path('react controlled input/pasted', FORM, { kind: 'Controlled', paste: 'input' }),
  path('react uncontrolled input/at the start', FORM, atStart('Uncontrolled')),
  path('react textarea/at the start', FORM, atStart('Textarea')),
  path('react textarea/rendered', FORM, rendered('Textarea')),
  path('react textarea/typed', FORM, filled('Textarea', 'textarea')),
  path('react select/at the start', FORM, atStart('Select')),
  path('react password/at the start', NEVER, atStart('Password')),
  path('react password/rendered', NEVER, rendered('Password')),
  path('react password/typed, then shown', NEVER, { ...filled('Password', 'input'), then: (root) => root.querySelector('button').click() }),
  path('react password/rendered while shown', NEVER, {
    kind: 'Password',
    act: async (root, secret) => {
      root.querySelector('button').click();
      await canary.settled();
      window.react[root.id](secret);
    },
  }),
  path('react password/typed while shown', NEVER, { ...filled('Password', 'input'), act: (root) => root.querySelector('button').click() }),
  path('react password/typed and said in a mask', NEVER, filled('Echo', 'input')),
  path('react text/at the start', TEXT, atStart('Text')),
  path('react text/rendered', TEXT, rendered('Text')),
  path('react masked text/at the start', NEVER, atStart('MaskedText')),
  path('react masked text/rendered', NEVER, rendered('MaskedText')),
  path('react masked text/made anew', NEVER, rendered('MaskedAnew')),
  path('react masked text/moved in a list', NEVER, rendered('MaskedRow')),
  path('react masked text/mask comes with it', NEVER, rendered('MaskedWhenThere')),
  path('react portal/input', FORM, { ...atStart('Portal'), proof: (root, secret) => [...document.querySelectorAll('[id^=portal] input')].some((input) => input.value === secret) && secret }),
  path('react markup/at the start', TEXT, atStart('Markup')),
  path('react editable/typed', FORM, filled('Editable', '[contenteditable]')),
];

// ---- the demo shop's checkout ----------------------------------------------------------

/** `field` is the field's test id; what the rules of the shop refuse cannot be planted. */
export const SHOP = [
  path('shop/name', FORM, { field: 'name' }),
  path('shop/e-mail', NEVER, { field: 'email' }, 'email'),
  path('shop/phone', NEVER, { field: 'phone' }, 'phone-it'),
  path('shop/address', FORM, { field: 'address' }),
  path('shop/card', NEVER, { field: 'card' }, 'card-visa'),
  path('shop/hut card, ignored', NEVER, { field: 'loyalty' }),
  path('shop/gift-wrap, allowed', ALWAYS, { field: 'giftwrap' }),
  path('shop/notes', FORM, { field: 'notes' }),
  path('shop/password', NEVER, { field: 'password', again: 'password2' }),
  path('shop/password, while it is shown', NEVER, { field: 'password', again: 'password2', shown: true }),
];

const names = [...STATIC, ...REACT, ...SHOP].map(({ name }) => name);
if (new Set(names).size !== names.length) throw new Error(`paths of one name: ${names.filter((name, at) => names.indexOf(name) !== at)}`);
