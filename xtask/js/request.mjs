// One HTTP request for xtask: `{method, url, headers, body}` on stdin, `{status, cookie, body}`
// on stdout. Node brings TLS, which no crate of ours has to.
import { readFileSync } from 'node:fs';

try {
  const { method, url, headers, body } = JSON.parse(readFileSync(0, 'utf8'));
  // Never to where a redirect points: the headers hold a secret.
  const answer = await fetch(url, { method, headers, body: body ?? undefined, redirect: 'error' });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? null;
  process.stdout.write(JSON.stringify({ status: answer.status, cookie, body: await answer.text() }));
} catch (error) {
  console.error(error.cause?.message ?? error.message);
  process.exit(1);
}
