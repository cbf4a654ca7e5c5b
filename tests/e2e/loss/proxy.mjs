// A proxy in front of the edge that does to uploads what networks and servers do.
import { createServer, request as ask } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** What a row may do to an upload; each gets `{ send, response, body }` and ends it. */
export const FAULTS = {
  pass: ({ send }) => send(),
  /** No network: the connection breaks before the edge hears of it. */
  broken: ({ response }) => response.destroy(),
  /** The edge stores it, and nobody hears that it did. */
  unheard: ({ send, response }) => send(() => response.destroy()),
  busy: ({ response }) => answer(response, 503, { 'retry-after': '1' }, ''),
  slow: ({ send }) => setTimeout(send, 3_000),
};

/** A proxy that takes no body of more than `limit` bytes. */
export const small = (limit) => ({ send, response, body }) =>
  body.length > limit ? answer(response, 413, {}, JSON.stringify({ code: 'too_large', message: 'x', limit })) : send();

function answer(response, status, headers, text) {
  response.writeHead(status, { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After', ...headers });
  response.end(text);
}

/** The header of an upload. */
function header(body) {
  return JSON.parse(gunzipSync(body).toString().split('\n', 1)[0]);
}

/**
 * Every row has a folder of its own, `/NAME/`, in which `page` answers what is no upload
 * and no file of the edge. `rows` holds the rows by name: `{ fault, uploads }`.
 */
export class Proxy {
  rows = new Map();

  static async start(page) {
    const proxy = new Proxy();
    proxy.page = page;
    proxy.server = createServer((request, response) => void proxy.handle(request, response));
    await new Promise((done) => proxy.server.listen(0, '127.0.0.1', done));
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }

  row(name) {
    const row = { fault: FAULTS.pass, uploads: [] };
    this.rows.set(name, row);
    return row;
  }

  async handle(request, response) {
    const [, name, rest] = request.url.match(/^\/([\w-]+)(\/.*)$/) ?? [];
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The page went away in the middle.
    }
    const body = Buffer.concat(chunks);
    const row = this.rows.get(name);
    if (!row) return answer(response, 404, {}, '');
    const html = this.page(name, rest);
    if (html) {
      response.writeHead(200, { 'content-type': 'text/html' });
      return response.end(html);
    }
    const send = (instead) => this.forward(request, rest, body, response, instead);
    if (request.method !== 'POST') return send();
    row.uploads.push(header(body));
    return row.fault({ send, response, body });
  }

  forward({ method, headers }, path, body, response, instead) {
    const { hostname, port } = new URL(this.edge);
    const out = ask({ agent: false, hostname, port, method, path, headers: { ...headers, host: `${hostname}:${port}` } }, (came) => {
      came.on('end', () => instead?.());
      if (instead) return came.resume();
      response.writeHead(came.statusCode, came.headers);
      return came.pipe(response);
    });
    out.on('error', () => response.destroy());
    out.end(body);
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
