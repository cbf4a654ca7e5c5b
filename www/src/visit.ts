// The recorded visit that the landing page replays: one gzip member, whose first line says what
// is in it and whose other lines are events. tests/demo/landing.mjs records it.

/** Something that the visitor did, ms since the epoch. */
export interface Step {
  at: number;
  text: string;
}

export interface Visit {
  from: number;
  to: number;
  steps: Step[];
  /** An event a line. */
  events: Uint8Array;
}

/** Stands in the file where the shop's origin was. */
export const ORIGIN = 'https://shop.invalid';

async function inflated(answer: Response): Promise<string> {
  if (answer.body === null) throw new Error('the visit is empty');
  return new Response(answer.body.pipeThrough(new DecompressionStream('gzip'))).text();
}

/** Fetches the visit at `address`; the shop in it is the one of `origin`. */
export async function fetchVisit(address: string, origin: string): Promise<Visit> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const text = await inflated(answer);
  const end = text.indexOf('\n');
  const head = JSON.parse(text.slice(0, end)) as Omit<Visit, 'events'>;
  const events = new TextEncoder().encode(text.slice(end + 1).split(ORIGIN).join(origin));
  return { ...head, events };
}
