// The recorded pages: a shop's back office with a long table, a form and a style sheet, and the
// demo shop.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const WORDS = ['order', 'shipped', 'pending', 'invoice', 'blue', 'large', 'return', 'refund', 'basket', 'summer', 'walnut', 'delivery'];
const word = (n) => WORDS[(n * 7 + Math.floor(n / 5)) % WORDS.length];

const WORKLOAD = '<script src="/bench/workload.js"></script>';
const ICON = '<svg viewBox="0 0 16 16" width="16" height="16"><path d="M8 1l2 5h5l-4 3 2 6-5-4-5 4 2-6-4-3h5z"/></svg>';

function styles() {
  const rule = (n) => `.c${n},.c${n}:hover>.${word(n)}{margin:${n % 7}px;padding:${n % 5}px ${n % 9}px;color:#${(n * 4099 % 4096).toString(16).padStart(3, '0')};border-radius:${n % 4}px}`;
  return Array.from({ length: 900 }, (_, n) => rule(n)).join('\n');
}

function row(n) {
  const cells = [
    `<b>#${10_000 + n}</b>`,
    `${ICON} ${word(n)} ${word(n + 3)}`,
    `<a href="/orders/${n}?page=2" title="${word(n + 1)} ${word(n + 2)}">${word(n + 5)}</a>`,
    `customer-${n}@shop.example`,
    `<span class="c${n % 900} badge">${word(n + 8)}</span>`,
    `${(n * 37) % 900}.${10 + (n % 90)}`,
  ];
  return `<tr class="row c${n % 900}" data-id="${n}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

const field = (n) => `<label>${word(n)} <input name="f${n}" placeholder="${word(n + 1)}" autocomplete="off"></label>`;

/** A page of `rows` rows, in which what changes is not painted: its cost is the same for all. */
export function page(rows, fields = 24) {
  const list = (n, make) => Array.from({ length: n }, (_, i) => make(i)).join('\n');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Orders</title><link rel="icon" href="data:,">
<style>${rows ? styles() : ''}
#unpainted{content-visibility:hidden}
#scroller{height:300px;overflow:auto}
#tall{height:6000px}</style>
<h1>Orders</h1>
<form>${list(fields, field)}</form>
<div id="scroller"><div id="tall">${word(1)}</div></div>
<div id="unpainted"><table><tbody id="rows">${list(rows, row)}</tbody></table></div>
${WORKLOAD}`;
}

/** The demo shop's files by path, and its home without our tag and with the bench's script. */
export function shop(root) {
  const www = join(root, 'www');
  const names = readdirSync(join(www, 'shop'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = new Map(names.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(www.length), readFileSync(path)];
  }));
  const home = `${files.get('/shop/index.html')}`;
  const html = home.replace(/<script src="\/sentiero\.js".*\n/, '').replace('</body>', `${WORKLOAD}</body>`);
  if (html.includes('sentiero.js') || !html.includes(WORKLOAD)) throw new Error('www/shop/index.html is not as the bench expects');
  return { files, html };
}
