// The documentation's script: colours, and searching. Pages can be read without it.
import { find, wordsOf, type Found, type Page } from './find';
import { offerTheme, useTheme } from './theme';

const INDEX = '/docs/search.json';

useTheme();

let pages: Promise<Page[]> | undefined;

/** The index, fetched when somebody is about to search. */
function index(): Promise<Page[]> {
  pages ??= fetch(INDEX).then(async (answer) => {
    if (!answer.ok) throw new Error(`${INDEX}: ${answer.status}`);
    return (await answer.json()) as Page[];
  });
  // Next time it may be there.
  pages.catch(() => (pages = undefined));
  return pages;
}

/** `text` with the words that were searched for marked; never as markup. */
function marked(text: string, words: string[]): Node[] {
  const escaped = words.map((word) => word.replace(/\./g, '\\.'));
  const parts = text.split(new RegExp(`(${escaped.join('|')})`, 'giu'));
  return parts.map((part, at) => {
    if (at % 2 === 0) return document.createTextNode(part);
    const mark = document.createElement('mark');
    mark.textContent = part;
    return mark;
  });
}

function span(name: string, nodes: Node[]): HTMLElement {
  const element = document.createElement('span');
  element.className = name;
  element.append(...nodes);
  return element;
}

function row({ address, title, heading, excerpt }: Found, words: string[]): HTMLElement {
  const link = document.createElement('a');
  link.href = address;
  const where = heading === title ? title : `${title} › ${heading}`;
  link.append(span('where', marked(where, words)), span('excerpt', marked(excerpt, words)));
  const item = document.createElement('li');
  item.append(link);
  return item;
}

/** Moves the focus among the field and the results. */
function move(input: HTMLInputElement, list: HTMLElement, step: number): void {
  const stops = [input, ...list.querySelectorAll('a')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  stops[Math.min(Math.max(at + step, 0), stops.length - 1)]?.focus();
}

function offerSearch(form: HTMLFormElement): void {
  const input = form.querySelector('input');
  const list = form.querySelector<HTMLElement>('.found');
  const said = form.querySelector('[role=status]');
  if (input === null || list === null || said === null) return;

  const close = (): void => {
    list.hidden = true;
    said.textContent = '';
  };
  const show = (found: Found[], words: string[]): void => {
    list.replaceChildren(...found.map((one) => row(one, words)));
    list.hidden = found.length === 0;
    said.textContent = found.length === 0 ? 'Nothing found' : `${found.length} results`;
    form.classList.toggle('nothing', found.length === 0);
  };
  const search = async (): Promise<void> => {
    const question = input.value;
    const words = wordsOf(question);
    if (words.length === 0) return close();
    try {
      const found = find(await index(), question);
      // Somebody went on typing meanwhile.
      if (input.value === question) show(found, words);
    } catch (error) {
      console.error(error);
      list.hidden = true;
      said.textContent = 'The search could not be loaded. Is the network there?';
      form.classList.add('nothing');
    }
  };

  input.addEventListener('focus', () => void index().catch(console.error));
  input.addEventListener('input', () => void search());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    list.querySelector('a')?.click();
  });
  form.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) move(input, list, step);
    else if (event.key === 'Escape') input.focus();
    else return;
    if (event.key === 'Escape') close();
    event.preventDefault();
  });
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) close();
  });
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
  form.hidden = false;
}

document.addEventListener('DOMContentLoaded', () => {
  const theme = document.querySelector<HTMLButtonElement>('button.theme');
  if (theme !== null) offerTheme(theme);
  const form = document.querySelector<HTMLFormElement>('form.search');
  if (form !== null) offerSearch(form);
});
