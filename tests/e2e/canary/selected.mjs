// What a page hides by selectors of its own, which only its recorder knows: see tag.mjs.
import { FRAME, NEVER, SHADOW, TEXT, path } from './row.mjs';

/** Rows of paths.mjs that need more than the mark. */
export const SELECTED = [
  path('data-own-mask/attributes', NEVER, { html: (secret) => `<p data-own-mask><b title="${secret}" data-user="${secret}">x</b></p>` }),
  path('data-own-mask/attributes changed', NEVER, { html: () => '<p data-own-mask><b>x</b></p>', act: (root, secret) => root.querySelector('b').setAttribute('title', secret) }),
  path('data-own-mask/shadow root, text', NEVER, { html: (secret) => `<section data-own-mask>${SHADOW(`<p>${secret}</p>`)}</section>` }),
  path('data-own-mask/shadow root, changed', NEVER, { html: () => `<section data-own-mask>${SHADOW('<p>x</p>')}</section>`, act: (root, secret) => { canary.inside(root, 'p').firstChild.data = secret; } }),
  path('data-own-mask/in a shadow root', NEVER, { html: (secret) => SHADOW(`<p data-own-mask>${secret}</p>`) }),
  path('data-own-mask/in a frame', NEVER, { html: (secret) => FRAME(`<p data-own-mask>${secret}</p>`) }),
  path('data-own-mask/in a frame, attributes', NEVER, { html: (secret) => FRAME(`<p data-own-mask><b title="${secret}">x</b></p>`), proof: (root) => root.firstChild.srcdoc }),
  path('data-own-mask/allowed inside', NEVER, { html: (secret) => `<p data-own-mask><b data-sentiero-unmask>${secret}</b></p>` }),
  path('data-own-mask/allowed around', NEVER, { html: (secret) => `<p data-sentiero-unmask><b data-own-mask>${secret}</b></p>` }),
  path('data-own-mask/by what is around', NEVER, { html: (secret) => `<p class="own-tone"><i>${secret}</i></p>` }),
  path('data-own-mask/by what is around, from now on', NEVER, {
    html: () => '<p><i>x</i></p>',
    act: (root, secret) => {
      root.firstChild.className = 'own-tone';
      root.querySelector('i').firstChild.data = secret;
      root.querySelector('i').title = secret;
    },
  }),
  path('data-own-mask/by what is around, no longer', TEXT, {
    html: () => '<p class="own-tone"><i>x</i></p>',
    act: async (root, secret) => {
      root.firstChild.className = '';
      await canary.settled();
      root.querySelector('i').firstChild.data = secret;
    },
  }),
];
