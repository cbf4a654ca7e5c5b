// Serves pages and scripts, and takes uploads as the edge does: what counts is the page.
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';

const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.svg': 'image/svg+xml' };
const inflate = promisify(gunzip);

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** What arrived of one visit to a page. */
class Received {
  bytes = 0;
  /** The same, inflated. */
  raw = 0;
  /** Of the largest upload, which has the snapshot. */
  largest = 0;
  uploads = 0;
  events = 0;
  hasSnapshot = false;
  hasEnd = false;
}

export class Host {
  #runs = new Map();

  constructor(files, pages) {
    this.files = files;
    this.pages = pages;
  }

  static async start(files, pages) {
    const host = new Host(files, pages);
    host.server = createServer((request, response) => {
      host.#serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
    await new Promise((done) => host.server.listen(0, '127.0.0.1', done));
    host.url = `http://127.0.0.1:${host.server.address().port}`;
    return host;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  received(run) {
    if (!this.#runs.has(`${run}`)) this.#runs.set(`${run}`, new Received());
    return this.#runs.get(`${run}`);
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const run = /^\/run\/(\d+)\/i\//.exec(pathname)?.[1];
    if (run) {
      const answer = await this.#take(this.received(run), await bodyOf(request));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      return;
    }
    const page = this.pages[pathname];
    const file = this.files.get(pathname);
    if (page) response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    else if (file) response.writeHead(200, { 'content-type': TYPES[extname(pathname)] }).end(file);
    else response.writeHead(404).end();
  }

  async #take(received, body) {
    const text = (await inflate(body)).toString();
    const { first, n } = JSON.parse(text.slice(0, text.indexOf('\n')));
    received.bytes += body.length;
    received.raw += text.length;
    received.largest = Math.max(received.largest, body.length);
    received.uploads += 1;
    received.events = Math.max(received.events, first + n);
    received.hasSnapshot ||= text.includes('\n{"type":2,');
    received.hasEnd ||= text.includes('"bench-end"');
    return { next: first + n, directive: 'ok' };
  }
}
