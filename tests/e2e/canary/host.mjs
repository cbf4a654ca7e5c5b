// The origin that the canary's pages are on. It serves them, hands everything else on to
// the worker, and keeps every body that is uploaded: nothing gets past it unseen.
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { root } from '../support.mjs';
import { attributesOf } from './tag.mjs';

const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** An uploaded body: its bytes, and what is in them. */
function read(bytes) {
  const inflated = gunzipSync(bytes);
  const [header, ...events] = inflated.toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  return { bytes, inflated, header, events };
}

export class Host {
  /** Every upload: `{url, bytes, inflated, header, events, mutant}`. */
  uploads = [];
  /** Addresses that the recorder asked for; what pages load themselves is theirs. */
  asked = [];
  /** Where requests go that are not for us. */
  upstream = '';
  #files = new Map();
  #mutants = new Map();

  static async start() {
    const host = new Host();
    host.server = createServer((request, response) => {
      host.#serve(request, response).catch((error) => response.writeHead(502).end(String(error)));
    });
    await new Promise((done) => host.server.listen(0, '127.0.0.1', done));
    host.url = `http://127.0.0.1:${host.server.address().port}`;
    return host;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Serves `text` from now on; gives its address, or takes `path` for it and all below. */
  file(type, text, path = `/file/${this.#files.size}`) {
    this.#files.set(path, { type, text });
    return path;
  }

  /**
   * Serves a changed recorder below the address that this gives. `change(name, bytes)`
   * gets each of its files. Its uploads are answered here and go no further.
   */
  mutant(name, change) {
    const built = join(root, 'www/dist');
    const paths = ['sentiero.js', ...readdirSync(join(built, 'r')).map((file) => `r/${file}`)];
    this.#mutants.set(name, new Map(paths.map((path) => [path, change(path, readFileSync(join(built, path)))])));
    return `/mutant/${name}/`;
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const [, first, second] = pathname.split('/');
    const file = this.#files.get(pathname) ?? this.#files.get(`/${first}/${second}`);
    if (file) return send(response, 200, file.type, file.text);
    if (first === 'mutant') return this.#serveMutant(second, pathname, request, response);
    if (first === 'left') return send(response, 200, 'text/html', '<!doctype html><title>left</title>');
    if (pathname === '/i.svg') return send(response, 200, 'image/svg+xml', IMAGE);
    return this.#handOn(request, response);
  }

  async #serveMutant(name, pathname, request, response) {
    const path = pathname.slice(`/mutant/${name}/`.length);
    if (path.startsWith('i/')) {
      const upload = this.#keep(request, await bodyOf(request), name);
      const { first, n } = upload.header;
      return send(response, 200, 'application/json', JSON.stringify({ next: first + n, directive: 'ok' }));
    }
    return send(response, 200, TYPES[extname(path)], this.#mutants.get(name).get(path));
  }

  async #handOn(request, response) {
    const { method, headers, url } = request;
    const body = method === 'POST' ? await bodyOf(request) : undefined;
    const upload = url.startsWith('/i/');
    const kept = upload && this.#keep(request, body);
    if (/^\/(i|r|sentiero)\b/.test(url)) this.asked.push(url);
    const { origin = '', cookie = '' } = headers;
    const answer = await fetch(this.upstream + url, { method, body, headers: { origin, cookie }, redirect: 'manual' });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (kept) kept.status = answer.status;
    const passed = [...answer.headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding|connection)$/.test(name));
    response.writeHead(answer.status, Object.fromEntries(passed));
    response.end(url.startsWith('/shop/') ? inMode(bytes, cookie) : bytes);
  }

  #keep(request, bytes, mutant) {
    const upload = { url: request.url, mutant, ...read(bytes) };
    this.uploads.push(upload);
    return upload;
  }
}

/** A page of the shop, recorded as the canary's cookie says. */
function inMode(bytes, cookie) {
  const mode = /\bmode=(\w+)/.exec(cookie)?.[1];
  const page = bytes.toString('latin1');
  return Buffer.from(page.replace('data-site="demo"', attributesOf(mode)), 'latin1');
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(body);
}
