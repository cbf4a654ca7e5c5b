/** Links that are followed. */
import { within } from '../mask';
import { elements, listen, textOf, type End, type Tools } from './tools';

const TEXT = 100;

export function navigation(tools: Tools): End {
  return listen<MouseEvent>(document, 'click', (event) => {
    const link = elements(event).find((element) => element.matches('a[href],area[href]'));
    const href = link?.getAttribute('href');
    if (!link || !href || within(link, tools.block)) {
      return;
    }
    const url = new URL(href, document.baseURI);
    const isHere = href.includes('#') && url.origin + url.pathname === location.origin + location.pathname;
    if (url.protocol === 'javascript:' || isHere) {
      return;
    }
    tools.add('navigation', {
      url: url.href,
      text: textOf(link, tools, TEXT),
      ...(url.origin !== location.origin && { external: true }),
    });
  });
}
