/** What the fields of a form are called, and that it was sent; never what is in it. */
import { lifted, secret } from '../policy.json';
import type { Config } from '../config';
import { within } from '../mask';
import { elements, listen, short, textOf, type End, type Tools } from './tools';

const NAME = 100;

/** What rrweb tells the input of. */
const FIELD = 'input:not([type=hidden i],[type=submit i],[type=button i],[type=reset i],[type=image i]),textarea,select';

const attribute = (element: Element | null | undefined, name: string): string | undefined =>
  short(element?.getAttribute(name), NAME);

/** The name of a form; not `form.name`: a field of that name would stand in its place. */
const formOf = (form: Element | null): string | undefined => attribute(form, 'name') ?? attribute(form, 'id');

/** What a field is called in the markup. Ids with digits are made by programs, anew in each visit. */
function nameOf(field: Element): string {
  const id = attribute(field, 'id');
  return attribute(field, 'name') ?? (id && !/\d/.test(id) ? id : (attribute(field, 'type') ?? field.localName));
}

/** The same in every visit: form, name, and which of several with that name. Radio buttons of a name are one field. */
function keyOf(field: Element, form: Element | null): string {
  const name = nameOf(field);
  const isOne = field.matches('[type=radio i]');
  const around = form ?? (field.getRootNode() as ParentNode);
  const same = isOne ? [] : [...around.querySelectorAll(FIELD)].filter((other) => nameOf(other) === name);
  const place = same.indexOf(field);
  return [formOf(form), name, place > 0 && String(place + 1)].filter(Boolean).join(' ');
}

/** What people call a field. Of a radio button, that would be what was chosen. */
function labelOf(field: Element, tools: Tools, config: Config): string | undefined {
  if (field.matches(`${secret},[type=radio i]`)) {
    return undefined;
  }
  for (const label of (field as HTMLInputElement).labels ?? []) {
    const text = textOf(label, tools, NAME, 'input,textarea,select,option,output,[contenteditable]');
    if (text) {
      return text;
    }
  }
  // What a control says of itself is masked like what is in it.
  if (config.mask !== 'none' && !within(field, lifted)) {
    return undefined;
  }
  const own = attribute(field, 'aria-label') ?? attribute(field, 'placeholder');
  return own && tools.show(own, field);
}

export function forms(tools: Tools, _value: string, config: Config): End {
  const told = new WeakSet<Element>();

  const touched = (event: Event): void => {
    const [field] = elements(event);
    if (!field?.matches(FIELD) || told.has(field) || within(field, `${tools.block},${tools.ignore}`)) {
      return;
    }
    const id = tools.idOf(field);
    if (id < 0) {
      return;
    }
    told.add(field);
    const { form } = field as HTMLInputElement;
    tools.add('__field', { id, field: keyOf(field, form), text: labelOf(field, tools, config), form: formOf(form) });
  };

  const sent = (event: Event): void => {
    const form = elements(event).find((element) => element.localName === 'form');
    if (form && !within(form, tools.block)) {
      tools.add('__form_submit', { name: attribute(form, 'name'), id: attribute(form, 'id'), url: location.href });
    }
  };

  const ends = [listen(document, 'submit', sent), ...['focusin', 'input', 'change'].map((type) => listen(document, type, touched))];
  return () => ends.forEach((end) => end());
}
