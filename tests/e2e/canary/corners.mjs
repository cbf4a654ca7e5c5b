// Paths through the rarer corners of what browsers can do. Rows as in paths.mjs.
import { ALWAYS, FORM, FRAME, NEVER, SHADOW, TEXT, path } from './row.mjs';

/** The secret is where the page's code is sure to have put it. */
const said = { proof: (root, secret) => secret };

/** A picture that says something. */
const DRAWING = (secret) => `<svg xmlns='http://www.w3.org/2000/svg'><text>${secret}</text></svg>`;

// ---- forms -----------------------------------------------------------------------------

const forms = [
  path('form/value of a custom element', NEVER, {
    html: () => '<form><x-form-field name="n"></x-form-field></form>',
    act: (root, secret) => {
      if (!customElements.get('x-form-field')) {
        customElements.define('x-form-field', class extends HTMLElement {
          static formAssociated = true;
          internals = this.attachInternals();
        });
      }
      const { internals } = root.querySelector('x-form-field');
      internals.setFormValue(secret);
      internals.ariaLabel = secret;
      internals.states.add(secret);
    },
    proof: (root) => new FormData(root.firstChild).get('n'),
  }),
  path('form/value of a custom element, as an attribute', FORM, { html: () => '<x-field></x-field>', act: (root, secret) => root.firstChild.setAttribute('value', secret) }),
  path('form/added to what is sent', NEVER, {
    html: () => '<form></form>',
    act: (root, secret) => {
      root.firstChild.addEventListener('formdata', ({ formData }) => formData.set('n', secret));
      root.said = new FormData(root.firstChild).get('n');
    },
    proof: (root) => root.said,
  }),
  path('form/submitted', NEVER, {
    html: (secret) => `<form data-rr-mask><input name="n" type="hidden" value="${secret}"><button>x</button></form>`,
    act: (root) => {
      root.firstChild.addEventListener('submit', (event) => event.preventDefault());
      root.firstChild.requestSubmit();
    },
  }),
  path('form/why a field is refused', NEVER, { html: () => '<input>', act: (root, secret) => root.firstChild.setCustomValidity(secret), proof: (root) => root.firstChild.validationMessage }),
  path('form/several options', FORM, { html: (secret) => `<select multiple size="3"><option>a<option selected>${secret}<option selected>b</select>` }),
  path('form/option shown by its select', FORM, { html: (secret) => `<select style="appearance:base-select"><button><selectedcontent></selectedcontent></button><option selected>${secret}</option></select>` }),
  path('form/option chosen by script', FORM, { html: (secret) => `<select><option>a<option>${secret}</select>`, act: (root) => { root.firstChild.selectedIndex = 1; } }),
  path('form/option of another name', FORM, { html: () => '<select><option>a</select>', act: (root, secret) => { root.querySelector('option').label = secret; } }),
  path('form/reset', FORM, {
    html: (secret) => `<form><input value="${secret}"></form>`,
    act: (root) => {
      root.querySelector('input').value = 'x';
      root.firstChild.reset();
    },
  }),
  path('form/meter', TEXT, { html: (secret) => `<meter max="99999999" value="${secret}"></meter>`, proof: (root) => root.firstChild.getAttribute('value') }, 'number'),
  path('form/what a dialog gives back', NEVER, { html: () => '<dialog></dialog>', act: (root, secret) => { root.firstChild.returnValue = secret; }, proof: (root) => root.firstChild.returnValue }),
  path('form/button of a dialog', TEXT, { html: (secret) => `<dialog><form method="dialog"><button value="${secret}">x</button></form></dialog>` }),
  path('form/popover', TEXT, { html: (secret) => `<div popover>${secret}</div>`, act: (root) => root.firstChild.showPopover() }),
  path('form/popover in a mask', NEVER, {
    html: () => '<section data-rr-mask><div popover>x</div></section>',
    act: (root, secret) => {
      const popover = root.querySelector('[popover]');
      popover.showPopover();
      popover.textContent = secret;
    },
  }),
  path('form/ruled by an attribute of another case', NEVER, { html: (secret) => `<p DATA-RR-MASK="">${secret}</p><input TYPE="PASSWORD" VALUE="${secret}">` }),
  path('form/half of a character in a password', NEVER, { html: () => '<input type="password">', act: (root, secret) => root.firstChild.setAttribute('value', `\ud800${secret}\udc00`) }),
  ...['input', 'textarea', '[contenteditable]'].flatMap((element) => {
    const markup = element.startsWith('[') ? '<div contenteditable>x</div>' : `<${element}></${element}>`;
    return [
      path(`form/${element} composed`, FORM, { html: () => markup, compose: element }),
      // Into an editable element Chromium does not drop what comes this way.
      ...(element.startsWith('[') ? [] : [path(`form/${element} dropped into`, FORM, { html: () => markup, drop: element })]),
    ];
  }),
  path('form/password composed', NEVER, { html: () => '<input type="password">', compose: 'input' }),
  path('form/in a shadow root, editable typed', FORM, { html: () => SHADOW('<div contenteditable>x</div>'), keys: '[contenteditable]' }),
  path('form/in a shadow root, ignored from outside', NEVER, { html: () => `<div data-rr-ignore>${SHADOW('<input>')}</div>`, keys: 'input' }),
  path('form/in a frame, ignored from outside', NEVER, { html: () => `<div data-rr-ignore>${FRAME('<input>')}</div>`, keys: 'input' }),
  path('form/in a shadow root, blocked from outside', NEVER, { html: () => `<div data-rr-block>${SHADOW('<input>')}</div>`, keys: 'input' }),
  path('form/in a shadow root, password shown', NEVER, {
    html: () => SHADOW('<input type="password">'),
    act: async (root) => {
      canary.inside(root, 'input').type = 'text';
      await canary.settled();
    },
    keys: 'input',
  }),
  path('form/in a shadow root, allowed from outside', ALWAYS, { html: () => `<div data-sentiero-unmask>${SHADOW('<input>')}</div>`, keys: 'input' }),
  path('form/in a shadow root, textarea', FORM, { html: () => SHADOW('<textarea></textarea>'), keys: 'textarea' }),
];

/** Elements that count as form data, each changed in a way that only the page can tell whose text it is. */
const changed = [
  ...['spinbutton', 'slider', 'listbox', 'option', 'textbox', 'searchbox', 'combobox'].map((role) =>
    path(`changed/role ${role}`, FORM, { html: () => `<p role="${role}">x</p>`, act: (root, secret) => { root.firstChild.firstChild.data = secret; } })),
  path('changed/output', FORM, { html: () => '<output>x</output>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }),
  path('changed/option of a datalist', FORM, { html: () => '<datalist><option value="a">x</option></datalist>', act: (root, secret) => { root.querySelector('option').firstChild.data = secret; } }),
  path('changed/legend of a select', FORM, { html: () => '<select><optgroup label="a"><legend>x</legend></optgroup></select>', act: (root, secret) => canary.inside(root, 'select').append(secret) }),
  ...Object.entries({ 'shadow root': SHADOW, frame: FRAME }).flatMap(([name, tree]) => [
    path(`changed/text of a ${name} that is blocked later`, NEVER, {
      html: () => `<section>${tree('<p>x</p>')}</section>`,
      act: async (root, secret) => {
        root.firstChild.setAttribute('data-rr-block', '');
        await canary.settled();
        canary.inside(root, 'p').firstChild.data = secret;
      },
    }),
    path(`changed/input of a ${name} that is blocked later`, NEVER, {
      html: () => `<section>${tree('<input>')}</section>`,
      act: async (root) => {
        root.firstChild.setAttribute('data-rr-block', '');
        await canary.settled();
      },
      keys: 'input',
    }),
  ]),
  path('changed/textarea', FORM, { html: () => '<textarea>x</textarea>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }),
  path('changed/editable', FORM, { html: () => '<div contenteditable>x</div>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }),
  path('changed/title of what is added to a list box', FORM, { html: () => '<ul role="listbox"></ul>', act: (root, secret) => root.firstChild.insertAdjacentHTML('beforeend', `<li title="${secret}">x`) }),
  path('changed/box ticked in a mask', NEVER, { html: (secret) => `<p data-rr-mask><input type="checkbox" value="${secret}"></p>`, act: (root) => root.querySelector('input').click() }),
  path('changed/address of a frame', NEVER, { html: () => '<iframe sandbox></iframe>', act: (root, secret) => { root.firstChild.src = `/i.svg?q=${secret}`; } }),
];

/** What is typed in part of what would be found as a whole. */
const partly = [
  path('half an e-mail/pre-filled', NEVER, { html: (secret) => `<input value="${secret}">` }, 'email-half'),
  path('half an e-mail/typed', NEVER, { html: () => '<input>', keys: 'input' }, 'email-half'),
  path('half an e-mail/allowed', NEVER, { html: () => '<input data-sentiero-unmask>', keys: 'input' }, 'email-half'),
  path('half an e-mail/attribute of what is allowed', NEVER, { html: () => '<input data-sentiero-unmask>', act: (root, secret) => root.firstChild.setAttribute('value', secret) }, 'email-half'),
  path('half an e-mail/textarea', NEVER, { html: () => '<textarea></textarea>', keys: 'textarea' }, 'email-half'),
  path('half an e-mail/textarea allowed', NEVER, { html: () => '<textarea data-sentiero-unmask></textarea>', keys: 'textarea' }, 'email-half'),
  path('half an e-mail/textarea allowed, pre-filled', NEVER, { html: (secret) => `<textarea data-sentiero-unmask>${secret}</textarea>` }, 'email-half'),
  path('half an e-mail/textarea allowed, changed', NEVER, { html: () => '<textarea data-sentiero-unmask>x</textarea>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }, 'email-half'),
  path('half an e-mail/editable allowed, pre-filled', NEVER, { html: (secret) => `<div contenteditable data-sentiero-unmask>${secret}</div>` }, 'email-half'),
  path('half an e-mail/editable allowed, changed', NEVER, { html: () => '<div contenteditable data-sentiero-unmask>x</div>', act: (root, secret) => { root.firstChild.firstChild.data = secret; } }, 'email-half'),
  path('half an e-mail/editable allowed, pasted', NEVER, { html: () => '<div contenteditable data-sentiero-unmask>x</div>', paste: '[contenteditable]' }, 'email-half'),
];

// ---- attributes ------------------------------------------------------------------------

/** Attributes with text, one more of each kind; or such as only look like ours or rrweb's. */
const TEXTUAL = ['aria-braillelabel', 'aria-colindextext', 'aria-rowindextext', 'aria-keyshortcuts', 'data-rr-note', 'data-sentiero-note', 'rr_note', 'content', 'alttext'];

const set = (root, secret, name) => (root.querySelector('b') ?? root.firstChild).setAttribute(name, secret);

const attributes = [
  ...TEXTUAL.flatMap((name) => [
    path(`rare attribute ${name}/element`, TEXT, { html: (secret) => `<div ${name}="${secret}"></div>` }),
    path(`rare attribute ${name}/inside mask`, NEVER, { html: (secret) => `<p data-rr-mask><b ${name}="${secret}">x</b></p>` }),
    path(`rare attribute ${name}/changed inside mask`, NEVER, { html: () => '<p data-rr-mask><b>x</b></p>', act: set, arg: name }),
    path(`rare attribute ${name}/input`, FORM, { html: (secret) => `<input ${name}="${secret}">` }),
    path(`rare attribute ${name}/input changed`, FORM, { html: () => '<input>', act: set, arg: name }),
  ]),
  path('rare attribute/reflected by a property', TEXT, { html: () => '<div></div>', act: (root, secret) => { root.firstChild.ariaDescription = secret; } }),
  path('rare attribute/dataset inside mask', NEVER, { html: () => '<p data-rr-mask><b>x</b></p>', act: (root, secret) => { root.querySelector('b').dataset.some = secret; } }),
  path('rare attribute/address in data-', NEVER, { html: (secret) => `<div data-src="https://a.example/b?q=${secret}"></div>` }),
  path('rare attribute/flashvars', TEXT, { html: (secret) => `<embed flashvars="${secret}">` }),
  path('rare attribute/param', TEXT, { html: (secret) => `<object><param name="x" value="${secret}"></object>` }),
  path('rare attribute/download', TEXT, { html: (secret) => `<a download="${secret}" href="/">x</a>` }),
  path('rare attribute/track', TEXT, { html: (secret) => `<video><track label="${secret}"></video>` }),
  path('rare attribute/attributes of svg', TEXT, { html: (secret) => `<svg><text><set attributeName="x" to="${secret}"/></text></svg>` }),
  path('rare attribute/handler changed inside mask', NEVER, { html: () => '<p data-rr-mask><b>x</b></p>', act: (root, secret) => root.querySelector('b').setAttribute('onclick', `f('${secret}')`) }),
  path('rare attribute/picture changed inside mask', NEVER, {
    html: () => '<p data-rr-mask><img></p>',
    act: (root, secret) => root.querySelector('img').setAttribute('src', `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text>${secret}</text></svg>`),
  }),
];

// ---- style -----------------------------------------------------------------------------

/** Properties, besides `content`, whose strings are shown. */
const SHOWN = ['list-style-type', 'list-style', 'hyphenate-character', '-webkit-hyphenate-character', 'text-emphasis', 'text-emphasis-style'];

const style = [
  ...SHOWN.flatMap((property) => [
    path(`shown by style/${property} of a rule`, TEXT, { html: (secret) => `<style>.c{${property}:"${secret}"}</style>` }),
    path(`shown by style/${property} of an attribute in a mask`, NEVER, { html: (secret) => `<p data-rr-mask><i style='${property}:"${secret}"'></i></p>` }),
  ]),
  path('shown by style/quotes of a rule', TEXT, { html: (secret) => `<style>.c{quotes:"${secret}" "x"}</style>` }),
  path('shown by style/property changed', TEXT, { html: () => '<i style="color:red"></i>', act: (root, secret) => { root.firstChild.style.listStyleType = `"${secret}"`; } }),
  path('shown by style/property changed in a mask', NEVER, { html: () => '<p data-rr-mask><i style="color:red"></i></p>', act: (root, secret) => { root.querySelector('i').style.listStyleType = `"${secret}"`; } }),
  path('shown by style/@property', TEXT, { html: (secret) => `<style>@property --own{syntax:"*";inherits:false;initial-value:"${secret}"}</style>` }),
  path('shown by style/@counter-style', TEXT, { html: (secret) => `<style>@counter-style own{system:cyclic;symbols:"a" "${secret}";suffix:""}</style>` }),
  path('shown by style/@counter-style, prefix', TEXT, { html: (secret) => `<style>@counter-style own{system:cyclic;symbols:"a";prefix:"${secret}"}</style>` }),
  path('shown by style/nested rule', TEXT, { html: (secret) => `<style>.c{color:red;&::before{content:"${secret}"}}</style>` }),
  path('shown by style/picture of a drawing', NEVER, { html: (secret) => `<style>.c{background:url("data:image/svg+xml,${DRAWING(secret)}")}</style>` }),
  path('shown by style/set of pictures', NEVER, { html: (secret) => `<style>.c{background:image-set("data:image/svg+xml,${DRAWING(secret)}" 1x)}</style>` }),
  path('shown by style/sheet in a mask', NEVER, { html: (secret) => `<p data-rr-mask><style>.c::before{content:"${secret}"}</style></p>` }),
  path('shown by style/sheet in a mask, text changed', NEVER, { html: () => '<p data-rr-mask><style>.c{color:red}</style></p>', act: (root, secret) => { root.querySelector('style').firstChild.data = `.c::before{content:"${secret}"}`; } }),
  path('shown by style/insertRule in a mask', NEVER, {
    html: () => '<p data-rr-mask><style>.c{color:red}</style></p>',
    act: (root, secret) => root.querySelector('style').sheet.insertRule(`.c::after{content:"${secret}"}`),
    proof: (root) => root.querySelector('style').sheet.cssRules[0].cssText,
  }),
  path('shown by style/insertRule in a block', NEVER, {
    html: () => '<p data-rr-block><style>.c{color:red}</style></p>',
    act: (root, secret) => root.querySelector('style').sheet.insertRule(`.c::after{content:"${secret}"}`),
    proof: (root) => root.querySelector('style').sheet.cssRules[0].cssText,
  }),
  path('shown by style/insertRule in what was blocked later', NEVER, {
    html: () => '<p><style>.c{color:red}</style></p>',
    act: async (root, secret) => {
      root.firstChild.setAttribute('data-rr-block', '');
      await canary.settled();
      root.querySelector('style').sheet.insertRule(`.c::after{content:"${secret}"}`);
    },
    proof: (root) => root.querySelector('style').sheet.cssRules[0].cssText,
  }),
  path('shown by style/rule changed in a mask', NEVER, {
    html: () => '<p data-rr-mask><style>.c{color:red}</style></p>',
    act: (root, secret) => root.querySelector('style').sheet.cssRules[0].style.setProperty('content', `"${secret}"`),
    proof: (root) => root.querySelector('style').sheet.cssRules[0].cssText,
  }),
  path('shown by style/grouped rule', TEXT, {
    html: () => '<style>@media all{.c{color:red}}</style>',
    act: (root, secret) => root.firstChild.sheet.cssRules[0].insertRule(`.c::after{content:"${secret}"}`),
    proof: (root) => root.firstChild.sheet.cssRules[0].cssText,
  }),
  path('shown by style/constructed sheet of a shadow root', TEXT, {
    html: () => SHADOW('x'),
    act: (root, secret) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`.c::after{content:"${secret}"}`);
      root.firstChild.shadowRoot.adoptedStyleSheets = [sheet];
    },
    proof: (root) => root.firstChild.shadowRoot.adoptedStyleSheets[0].cssRules[0].cssText,
  }),
  path('shown by style/constructed sheet in a mask', NEVER, {
    html: () => '<p data-rr-mask></p>',
    act: async (root, secret) => {
      const host = document.createElement('x-host');
      root.firstChild.append(host);
      const shadow = host.attachShadow({ mode: 'open' });
      shadow.innerHTML = 'x';
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`.c::after{content:"${secret}"}`);
      shadow.adoptedStyleSheets = [sheet];
      root.sheet = sheet;
      await canary.settled();
    },
    proof: (root) => root.sheet.cssRules[0].cssText,
  }),
  path('shown by style/constructed sheet in a mask, rule added later', NEVER, {
    html: () => '<p data-rr-mask></p>',
    act: async (root, secret) => {
      const host = document.createElement('x-host');
      root.firstChild.append(host);
      root.sheet = new CSSStyleSheet();
      host.attachShadow({ mode: 'open' }).adoptedStyleSheets = [root.sheet];
      await canary.settled();
      root.sheet.insertRule(`.c::after{content:"${secret}"}`);
    },
    proof: (root) => root.sheet.cssRules[0].cssText,
  }),
  path('shown by style/name of a highlight', NEVER, { act: (root, secret) => CSS.highlights.set(secret, new Highlight()), proof: (root, secret) => CSS.highlights.has(secret) && secret }),
];

// ---- documents in documents ------------------------------------------------------------

const documents = [
  path('document/data: of a frame', NEVER, { html: (secret) => `<iframe src="data:text/html,<p>${secret}"></iframe>` }),
  path('document/data: of an object', NEVER, { html: (secret) => `<object data="data:text/html,<p>${secret}"></object>` }),
  path('document/data: of an embed', NEVER, { html: (secret) => `<embed src="data:text/html,<p>${secret}">` }),
  path('document/data: of a link', NEVER, { html: (secret) => `<a href="data:text/plain,${secret}">x</a>` }),
  path('document/data: of a sheet', TEXT, { html: (secret) => `<link rel="stylesheet" href="data:text/css,.c::after{content:'${secret}'}">` }),
  path('document/data: of a script', NEVER, { html: (secret) => `<script src="data:text/javascript,'${secret}'"></script>` }),
  path('document/drawing', NEVER, { html: (secret) => `<img src="data:image/svg+xml,${DRAWING(secret)}">` }),
  path('document/drawing, encoded', NEVER, { html: (secret) => `<img src="data:image/svg+xml,${encodeURIComponent(DRAWING(secret))}">`, proof: (root) => decodeURIComponent(root.firstChild.src) }),
  path('document/drawing, base64', NEVER, {
    html: (secret) => `<img src="data:image/svg+xml;base64,${btoa(DRAWING(secret))}">`,
    proof: (root) => atob(root.firstChild.src.split(',')[1]),
  }),
  path('document/drawing in a srcset', NEVER, { html: (secret) => `<img srcset="data:image/svg+xml,${encodeURIComponent(DRAWING(secret))} 2x">` }),
  path('document/drawing in a srcset, spaces in it', NEVER, { html: (secret) => `<img srcset="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text> ${secret} </text></svg> 2x">` }),
  path('document/drawing in svg', NEVER, { html: (secret) => `<svg><image href="data:image/svg+xml,${DRAWING(secret)}"/></svg>` }),
  path('document/drawing in svg, used', NEVER, { html: (secret) => `<svg><use xlink:href="data:image/svg+xml,${DRAWING(secret)}#a"/></svg>` }),
  path('document/drawing set by script', NEVER, { html: () => '<img>', act: (root, secret) => { root.firstChild.src = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text>${secret}</text></svg>`; } }),
  path('document/blob: of a frame', TEXT, {
    html: () => '<iframe></iframe>',
    act: async (root, secret) => {
      const frame = root.firstChild;
      const loaded = new Promise((done) => { frame.onload = done; });
      frame.src = URL.createObjectURL(new Blob([`<p>${secret}</p>`], { type: 'text/html' }));
      await loaded;
    },
  }),
  path('document/written into a frame', TEXT, {
    html: () => '<iframe></iframe>',
    act: (root, secret) => {
      const page = root.firstChild.contentDocument;
      page.open();
      page.write(`<p>${secret}</p>`);
      page.close();
    },
  }),
  path('document/written into a frame in a mask', NEVER, {
    html: () => '<p data-rr-mask><iframe></iframe></p>',
    act: (root, secret) => {
      const page = root.querySelector('iframe').contentDocument;
      page.open();
      page.write(`<p title="${secret}">${secret}</p><input value="${secret}">`);
      page.close();
    },
  }),
  path('document/frame in a frame in a mask', NEVER, {
    html: () => `<p data-rr-mask>${FRAME('<iframe></iframe>')}</p>`,
    act: (root, secret) => { canary.inside(root, 'iframe').contentDocument.querySelector('iframe').contentDocument.body.innerHTML = `<b title="${secret}">${secret}</b>`; },
  }),
  path('document/title of a frame', TEXT, { html: (secret) => FRAME(`<title>${secret}</title>`) }),
  path('document/base of a frame', NEVER, { html: (secret) => FRAME(`<base href="/a?q=${secret}">`) }),
  path('document/meta of a frame', NEVER, { html: (secret) => FRAME(`<meta name="description" content="${secret}">`) }),
  path('document/text instead of a frame', NEVER, { html: (secret) => `<iframe>${secret}</iframe>` }),
  ...['xmp', 'noembed', 'noframes'].map((name) => path(`document/${name}`, NEVER, { html: (secret) => `<${name}>${secret}</${name}>` })),
  path('document/closed shadow root in markup', NEVER, { html: (secret) => `<x-host><template shadowrootmode="closed"><p>${secret}</p></template></x-host>`, ...said }),
  path('document/processing instruction', NEVER, { html: () => '<i></i>', act: (root, secret) => root.append(document.createProcessingInstruction('x', secret)) }),
  path('document/template filled later', NEVER, { html: () => '<template></template>', act: (root, secret) => { root.firstChild.innerHTML = `<p>${secret}</p>`; } }),
  path('document/svg metadata', TEXT, { html: (secret) => `<svg><metadata>${secret}</metadata></svg>` }),
  path('document/svg style', TEXT, { html: (secret) => `<svg><style>.c::before{content:"${secret}"}</style></svg>` }),
  path('document/svg script', NEVER, { html: (secret) => `<svg><script>"${secret}"</script></svg>` }),
  path('document/svg link', NEVER, { html: (secret) => `<svg><a xlink:href="/a?q=${secret}"><text>x</text></a></svg>` }),
  path('document/mathml annotation', TEXT, { html: (secret) => `<math><semantics><mi>x</mi><annotation>${secret}</annotation></semantics></math>` }),
  path('document/canvas drawn on', NEVER, { html: () => '<canvas></canvas>', act: (root, secret) => root.firstChild.getContext('2d').fillText(secret, 0, 9), ...said }),
  path('document/cue of a video', NEVER, { html: () => '<video></video>', act: (root, secret) => root.firstChild.addTextTrack('captions', 'x').addCue(new VTTCue(0, 9, secret)), proof: (root) => root.firstChild.textTracks[0].cues[0].text }),
  path('document/edited without an element', NEVER, {
    html: () => '<div></div>',
    act: (root, secret) => { root.firstChild.editContext = new EditContext({ text: secret }); },
    proof: (root) => root.firstChild.editContext.text,
  }),
];

// ---- addresses and what a page does ----------------------------------------------------

const addresses = [
  ...[['area', 'href'], ['blockquote', 'cite'], ['q', 'cite'], ['ins', 'cite'], ['img', 'longdesc']].map(([tag, name]) =>
    path(`address/${tag} ${name}`, NEVER, { html: (secret) => `<${tag} ${name}="/a?q=${secret}"></${tag}>` })),
  path('address/prefetched link', NEVER, { html: (secret) => `<link rel="prefetch" href="/i.svg?q=${secret}">` }),
  path('address/script', NEVER, { html: (secret) => `<script type="text/plain" src="/i.svg?q=${secret}"></script>` }),
  path('address/poster, e-mail', NEVER, { html: (secret) => `<video poster="/i.svg?q=${secret}"></video>` }, 'email'),
  path('address/preloaded pictures, e-mail', NEVER, { html: (secret) => `<link rel="preload" as="image" imagesrcset="/i.svg?q=${secret} 2x">` }, 'email'),
  path('address/object, token', NEVER, { html: (secret) => `<object data="/i.svg?q=${secret}"></object>` }, 'jwt'),
  path('address/blob: of a link, name of the file', TEXT, {
    html: () => '<a>x</a>',
    act: (root, secret) => {
      root.firstChild.href = URL.createObjectURL(new Blob(['x']));
      root.firstChild.download = secret;
    },
  }),
  path('address/of a picture, by its denied name', NEVER, { html: (secret) => `<img src="/i.svg?access_token=${secret}">` }),
  path('address/token of a route in the fragment', NEVER, { html: (secret) => `<a href="/#/reset/${secret}">x</a>` }, 'hex-40'),
  path('address/requested', NEVER, { act: (root, secret) => fetch(`/i.svg?q=${secret}#${secret}`, { headers: { 'x-own': secret } }), ...said }),
  path('address/requested, e-mail in the path', NEVER, { act: (root, secret) => fetch(`/page/x/${secret}`), ...said }, 'email'),
  path('address/requested by XMLHttpRequest', NEVER, {
    act: (root, secret) => {
      const request = new XMLHttpRequest();
      request.open('POST', `/i.svg?q=${secret}`);
      request.setRequestHeader('x-own', secret);
      request.send(secret);
    },
    ...said,
  }),
  path('address/beacon', NEVER, { act: (root, secret) => navigator.sendBeacon(`/i.svg?q=${secret}`, secret), ...said }),
  path('address/state of a navigation', NEVER, { act: (root, secret) => navigation.updateCurrentEntry({ state: secret }), proof: () => navigation.currentEntry.getState(), late: true }),
  path('address/measured', NEVER, { act: (root, secret) => performance.mark(secret, { detail: secret }), proof: (root, secret) => performance.getEntriesByName(secret)[0].name }),
  path('address/message of a window', NEVER, { act: (root, secret) => postMessage(secret), ...said }),
  path('address/title changed, e-mail', NEVER, { act: (root, secret) => { canary.titles += document.title = secret; }, proof: () => canary.titles, late: true }, 'email'),
];

// ---- how a finding may be written ------------------------------------------------------

const put = (write) => ({ html: () => '<p>x</p>', act: write, ...said });

const spelt = [
  path('spelt/e-mail beside half a character', NEVER, put((root, secret) => { root.firstChild.firstChild.data = `\ud83d${secret}\udc00`; }), 'email'),
  ...['\\u200b', '\\u200d', '\\u200e', '\\u00ad', '\\ufeff', '\\u2060'].map((code) =>
    path(`spelt/e-mail with ${code}`, NEVER, { ...put((root, secret, between) => { root.firstChild.firstChild.data = `to ${secret.replace('@', `${between}@${between}`)}.`; }), arg: JSON.parse(`"${code}"`) }, 'email')),
  path('spelt/e-mail from right to left', NEVER, put((root, secret) => { root.firstChild.firstChild.data = `\u202b${secret}\u202c`; }), 'email'),
  path('spelt/e-mail in quotes of an attribute', NEVER, { html: (secret) => `<p title='{"mail":"${secret}"}'></p>` }, 'email'),
  path('spelt/card with spaces that do not break', NEVER, put((root, secret) => { root.firstChild.firstChild.data = secret.replaceAll(' ', '\u00a0'); }), 'card-visa-spaces'),
  path('spelt/card with thin spaces', NEVER, put((root, secret) => { root.firstChild.firstChild.data = secret.replaceAll(' ', '\u2009'); }), 'card-visa-spaces'),
  path('spelt/card with no width between', NEVER, put((root, secret) => { root.firstChild.firstChild.data = secret.replaceAll(' ', '\u200b'); }), 'card-visa-spaces'),
  path('spelt/card with hyphens that do not break', NEVER, put((root, secret) => { root.firstChild.firstChild.data = secret.replaceAll(' ', '\u2011'); }), 'card-visa-spaces'),
  path('spelt/card from right to left', NEVER, put((root, secret) => { root.firstChild.firstChild.data = `\u200f${secret}\u200f`; }), 'card-visa'),
];

// ---- what a page's own code sends ------------------------------------------------------

const sent = [
  path('sent/field that is a secret by its name', NEVER, { act: (root, secret) => Sentiero.addCustomEvent('x', { password: secret, user: { authToken: [secret], api_key: { a: secret } } }), ...said }),
  path('sent/field that is a secret by its name, a number', NEVER, { act: (root, secret) => Sentiero.addCustomEvent('x', { otp: Number(secret) }), ...said }, 'number'),
  path('sent/text of the page', { inputs: 'shown', text: 'hidden', none: 'shown' }, { act: (root, secret) => Sentiero.addCustomEvent('x', { text: secret }), ...said }),
  ...[['', TEXT, ''], [' in a mask', NEVER, 'data-rr-mask']].map(([where, expect, mark]) => path(`sent/text of a link that is followed${where}`, expect, {
    html: (secret) => `<p ${mark}><a href="/elsewhere">${secret}</a></p>`,
    act: (root) => {
      const link = root.querySelector('a');
      link.addEventListener('click', (event) => event.preventDefault());
      link.click();
    },
    // By then what captures it is there.
    late: true,
  })),
  path('sent/metadata that is a secret by its name', NEVER, { act: (root, secret) => Sentiero.setMetadata({ session_token: secret }), ...said }),
  path('sent/identity', ALWAYS, { act: (root, secret) => Sentiero.identify(secret), ...said }),
  path('sent/identity, e-mail', NEVER, { act: (root, secret) => Sentiero.identify(secret), ...said }, 'email'),
];

export const CORNERS = [...forms, ...changed, ...partly, ...attributes, ...style, ...documents, ...addresses, ...spelt, ...sent];
