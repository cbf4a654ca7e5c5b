// The site that guests are recorded on: serves its pages as each row says, and hands the
// recorder's files and uploads on to the worker.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const FILES = ['suite.js', 'watch.js', 'faults.js'];

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

export class Site {
  #answers = new Map(FILES.map((name) => [`/${name}`, script(readFileSync(join(import.meta.dirname, name)))]));
  /** Where the worker is. */
  upstream = '';

  static async start() {
    const site = new Site();
    site.server = createServer((request, response) => {
      site.#serve(request, response).catch((error) => response.writeHead(502).end(String(error)));
    });
    await new Promise((done) => site.server.listen(0, '127.0.0.1', done));
    site.url = `http://127.0.0.1:${site.server.address().port}`;
    return site;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Serves a script of the page's own; gives its path. */
  script(name, text) {
    this.#answers.set(`/${name}.js`, script(text));
    return `/${name}.js`;
  }

  /** Serves a page with these headers; gives its path. */
  page(name, html, headers = {}) {
    this.#answers.set(`/${name}`, { headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body: html });
    return `/${name}`;
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const answer = this.#answers.get(pathname);
    if (answer) {
      response.writeHead(200, { 'cache-control': 'no-store', ...answer.headers }).end(answer.body);
    } else if (pathname === '/echo') {
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end(await bodyOf(request));
    } else {
      await this.#handOn(request, response);
    }
  }

  async #handOn(request, response) {
    const { method, headers, url } = request;
    const body = method === 'POST' ? await bodyOf(request) : undefined;
    const { origin = '' } = headers;
    const answer = await fetch(this.upstream + url, { method, body, headers: { origin } });
    const passed = [...answer.headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding|connection)$/.test(name));
    response.writeHead(answer.status, Object.fromEntries(passed));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
}

function script(body) {
  return { headers: { 'content-type': 'text/javascript; charset=utf-8' }, body };
}
