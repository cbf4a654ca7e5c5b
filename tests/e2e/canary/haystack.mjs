// Everything that secrets are looked for in, and what was found.
import { withInflated } from '../support.mjs';
import { Searcher, spelled } from './search.mjs';
import { rows } from './sqlite.mjs';

/** Encodings in which a value counts as shown; pieces of it do not. */
const WHOLE = ['plain', 'json', 'html', 'url'];

export class Haystack {
  /** `{place, bytes}`. */
  #pieces = [];

  add(place, pieces) {
    for (const bytes of pieces) this.#pieces.push({ place, bytes });
  }

  /** What a browser sent: bodies, addresses, and what short strings in them spell. */
  addUploads(uploads) {
    const tabs = new Map();
    for (const upload of uploads) {
      this.add('uploads', [Buffer.from(upload.url), upload.bytes, upload.inflated]);
      tabs.set(upload.header.tab, [...(tabs.get(upload.header.tab) ?? []), upload]);
    }
    for (const bodies of tabs.values()) {
      const events = bodies.sort((a, b) => a.header.first - b.header.first).flatMap((body) => body.events);
      this.add('uploads, letter by letter', spelled(events).map((text) => Buffer.from(text)));
    }
  }

  /** What the worker has on its disk; databases also row by row. */
  addStored(worker) {
    const files = new Map([...worker.files()].map(({ name, bytes }) => [name, bytes]));
    for (const [name, bytes] of files) {
      const place = name.split('/').slice(0, 2).join('/');
      this.add(place, withInflated(bytes));
      if (!name.endsWith('.sqlite')) continue;
      for (const row of rows(bytes, files.get(`${name}-wal`) ?? Buffer.alloc(0))) this.add(`${place}, rows`, withInflated(row));
    }
  }

  /** Bytes by place. */
  sizes() {
    const sizes = new Map();
    for (const { place, bytes } of this.#pieces) sizes.set(place, (sizes.get(place) ?? 0) + bytes.length);
    return sizes;
  }

  /** Where each of `secrets` is: a map to `{forms, places, whole}`, `whole` the places where all of it is readable. */
  search(secrets) {
    const searcher = new Searcher(secrets);
    const hits = new Map();
    for (const { place, bytes } of this.#pieces) {
      for (const { secret, form } of searcher.find(bytes)) {
        const hit = hits.get(secret) ?? { forms: new Set(), places: new Set(), whole: new Set() };
        hit.forms.add(form);
        hit.places.add(place);
        if (WHOLE.includes(form)) hit.whole.add(place);
        hits.set(secret, hit);
      }
    }
    return hits;
  }
}

/** What should have been hidden and was found: a line for each path, with modes, forms and places. */
export function leaks(planted, hits) {
  const lines = new Map();
  for (const secret of planted) {
    const hit = secret.expect === 'hidden' && hits.get(secret);
    if (!hit) continue;
    const line = lines.get(secret.path) ?? { modes: new Set(), forms: new Set(), places: new Set() };
    line.modes.add(secret.mode);
    hit.forms.forEach((form) => line.forms.add(form));
    hit.places.forEach((place) => line.places.add(place));
    lines.set(secret.path, line);
  }
  const list = (set) => [...set].join(', ');
  return [...lines].map(([path, { modes, forms, places }]) => `${path} (${list(modes)}): ${list(forms)}; in ${list(places)}`);
}

/** Lines of a table, columns aligned. */
export function table(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  return lines.map((line) => line.map((cell, column) => (column ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]))).join('  ')).join('\n');
}

const count = (values) => new Set(values).size;

/** Secrets, paths and hits for each kind of page and mode. */
export function summary(runs, hits) {
  const lines = [['page', 'mode', 'secrets', 'paths', 'hidden', 'found', 'shown', 'missed']];
  for (const { page, mode, planted } of runs) {
    const hidden = planted.filter(({ expect }) => expect === 'hidden');
    const shown = planted.filter(({ expect }) => expect === 'shown');
    lines.push([page, mode, planted.length, count(planted.map(({ path }) => path)), hidden.length, hidden.filter((one) => hits.has(one)).length,
      shown.length, shown.filter((one) => !hits.get(one)?.whole.size).length]);
  }
  return table(lines);
}
