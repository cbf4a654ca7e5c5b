// Whether a delivery on stdin, with its header as the first argument, is signed with SECRET.
// Exits with 1 if it is not.
// sample: verify
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether `body`, as it came, was signed with `secret` in the last five minutes. */
export function isSigned(secret, header, body, now = Date.now() / 1000) {
  const [, timestamp, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (!timestamp || Math.abs(now - Number(timestamp)) > 300) return false;
  const right = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest();
  return timingSafeEqual(right, Buffer.from(given, 'hex'));
}
// sample ends

const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
process.exit(isSigned(process.env.SECRET, process.argv[2], Buffer.concat(pieces)) ? 0 : 1);
