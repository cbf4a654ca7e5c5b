// A team of Cloudflare Access for tests: shows keys of its own, and signs whatever it is asked to.
//
//   GET  /cdn-cgi/access/certs   its keys
//   POST /sign    {"header", "claims", "key"?}: a JWT; `key` "other" signs by a key that is not shown
//   POST /rotate  from now on it has another key; gives its kid
//   GET  /asked   how often its keys were asked for
//
// Prints `{"url", "kid"}` and ends with its stdin.

import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';

let made = 0;

function pair() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = `key-${++made}`;
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
  return { kid, jwk, privateKey };
}

let shown = pair();
const other = pair();
let asked = 0;

function jwt({ header, claims, key }) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode(header)}.${encode(claims)}`;
  const { privateKey } = key === 'other' ? other : shown;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

async function body(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString());
}

async function answer(request) {
  switch (`${request.method} ${request.url}`) {
    case 'GET /cdn-cgi/access/certs':
      asked += 1;
      return JSON.stringify({ keys: [shown.jwk], public_certs: [] });
    case 'GET /asked':
      return String(asked);
    case 'POST /sign':
      return jwt(await body(request));
    case 'POST /rotate':
      shown = pair();
      return shown.kid;
    default:
      return null;
  }
}

const server = createServer(async (request, response) => {
  const text = await answer(request);
  response.writeHead(text === null ? 404 : 200, { 'content-type': 'application/json' });
  response.end(text ?? '');
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, kid: shown.kid }));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
