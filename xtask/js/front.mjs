// What stands before the worker when others reach it by a proxy with TLS. Miniflare takes the
// address of a request, and where it comes from, out of headers (`MF-…`) that anybody may send:
// here they end. The worker is told the address that the browser used, so that what compares
// origins, and cookies for https alone, are right.
import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream';

/** Miniflare's own headers. */
const OWN = /^mf-/i;
/** Its doors into the worker: handlers fired by hand, and what is stored. */
const DOORS = /^\/cdn-cgi(\/|$)/;

/** Headers as they came, in pairs, without those of Miniflare. */
function headersOf(raw, address) {
  const kept = [];
  for (let at = 0; at < raw.length; at += 2) {
    if (!OWN.test(raw[at])) kept.push(raw[at], raw[at + 1]);
  }
  return [...kept, 'MF-Original-URL', address];
}

/** Answers on `port` with what `inner` answers, as at the origin `outer`. */
export function front(port, inner, outer) {
  const server = createServer((asked, answer) => {
    // An absolute address names a host of the sender's choice: only its path counts.
    const { pathname, search } = new URL(asked.url, outer);
    if (DOORS.test(decodeURI(pathname))) {
      answer.writeHead(404).end();
      return;
    }
    const path = pathname + search;
    const headers = headersOf(asked.rawHeaders, `${outer}${path}`);
    const passed = request({ host: inner.hostname, port: inner.port, method: asked.method, path, headers, setHost: false }, (given) => {
      answer.writeHead(given.statusCode, given.rawHeaders);
      // Whoever goes away meanwhile hears nothing more.
      pipeline(given, answer, () => undefined);
    });
    passed.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    pipeline(asked, passed, () => undefined);
  });
  server.on('clientError', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => listening(new URL(`http://127.0.0.1:${server.address().port}`)));
  });
}
