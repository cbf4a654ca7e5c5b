/** That a form was sent; never what is in it. */
import { block } from '../policy.json';
import { within } from '../mask';
import { elements, listen, short, type End, type Tools } from './tools';

const NAME = 100;

export function forms(tools: Tools): End {
  return listen(document, 'submit', (event) => {
    const form = elements(event).find((element) => element.localName === 'form');
    if (form && !within(form, block)) {
      // Not `form.name`: a field of that name would stand in its place.
      const [name, id] = ['name', 'id'].map((attribute) => short(form.getAttribute(attribute), NAME));
      tools.add('__form_submit', { name, id, url: location.href });
    }
  });
}
