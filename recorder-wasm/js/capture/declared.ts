/** Events that the page's markup declares: `data-sentiero-track-click="tag"`. */
import { elements, listen, throttle, type End, type Tools } from './tools';

const TYPES = ['click', 'change', 'submit', 'focus', 'blur'];
const TAG = /^[\w.-]{1,100}$/;
const MAX_DATA = 4_096;

/** What `element` says besides, or nothing. Throws if that is not JSON. */
function dataOf(element: Element): unknown {
  const json = element.getAttribute('data-sentiero-data');
  if (json && json.length > MAX_DATA) {
    throw new RangeError('data-sentiero-data is too long');
  }
  return json ? JSON.parse(json) : {};
}

export function declared(tools: Tools): End {
  const pass = throttle(100, 300);
  const ends = TYPES.map((type) =>
    listen(document, type, (event) => {
      const attribute = `data-sentiero-track-${type}`;
      const element = elements(event).find((element) => element.hasAttribute(attribute));
      const tag = element?.getAttribute(attribute);
      if (element && tag && TAG.test(tag)) {
        const data = dataOf(element);
        if (pass() !== undefined) {
          tools.add(tag, data);
        }
      }
    }),
  );
  return () => ends.forEach((end) => end());
}
