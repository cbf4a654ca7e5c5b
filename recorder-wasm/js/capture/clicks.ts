/** Which element was clicked, and where in it: heatmaps of pages whose layout differs. */
import { within } from '../mask';
import { elements, listen, type End, type Tools } from './tools';

/** How far up an element is looked for that can be named. */
const LEVELS = 3;

/** A selector for `element`: its id, else two of its classes, else its name. */
function selectorOf(element: Element): string {
  const tag = element.localName;
  if (element.id) {
    return `${tag}#${element.id}`;
  }
  return [tag, ...[...element.classList].slice(0, 2)].join('.');
}

/** How far `at` is between `from` and `from + size`, 0 to 1. */
function share(at: number, from: number, size: number): number {
  return size > 0 ? Math.round(Math.min(1, Math.max(0, (at - from) / size)) * 1e4) / 1e4 : 0;
}

export function clicks(tools: Tools): End {
  return listen<MouseEvent>(document, 'click', (event) => {
    const around = elements(event);
    const [target] = around;
    if (!target || !event.isTrusted || within(target, tools.block)) {
      return;
    }
    const near = around.slice(0, LEVELS);
    const anchor = near.find((element) => element.id) ?? near.find((element) => element.classList.length) ?? target;
    const { left, top, width, height } = anchor.getBoundingClientRect();
    // Of a click by keyboard there is no position.
    const position = event.detail > 0 && { x: share(event.clientX, left, width), y: share(event.clientY, top, height) };
    const size = { width: Math.round(width), height: Math.round(height) };
    tools.add('__click', { selector: selectorOf(anchor), id: tools.idOf(anchor), ...position, ...size });
  });
}
