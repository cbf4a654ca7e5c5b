/** Links that are followed. */
import { block } from '../policy.json';
import { within } from '../mask';
import { elements, listen, short, type End, type Tools } from './tools';

const TEXT = 100;

/** What a visitor reads of `link`, each piece masked by the element that it is in. */
function textOf(link: Element, { show }: Tools): string | undefined {
  const walker = document.createTreeWalker(link, NodeFilter.SHOW_TEXT);
  let text = '';
  while (walker.nextNode() && text.length < 4 * TEXT) {
    const { parentElement, nodeValue } = walker.currentNode;
    if (parentElement && !within(parentElement, `script,style,${block}`)) {
      text += show(nodeValue ?? '', parentElement);
    }
  }
  return short(text.replace(/\s+/g, ' ').trim(), TEXT);
}

export function navigation(tools: Tools): End {
  return listen<MouseEvent>(document, 'click', (event) => {
    const link = elements(event).find((element) => element.matches('a[href],area[href]'));
    const href = link?.getAttribute('href');
    if (!link || !href || within(link, block)) {
      return;
    }
    const url = new URL(href, document.baseURI);
    const isHere = href.includes('#') && url.origin + url.pathname === location.origin + location.pathname;
    if (url.protocol === 'javascript:' || isHere) {
      return;
    }
    tools.add('navigation', {
      url: url.href,
      text: textOf(link, tools),
      ...(url.origin !== location.origin && { external: true }),
    });
  });
}
