// The frame that replays, for pages without the dashboard's Rust (src/frame.rs makes the same):
// a `data:` page of an opaque origin, which inherits the policy of the page that it is in, and
// is given one port, once, when it says a word that only its own address holds.

export interface Isolated {
  /** To be put into the page. */
  element: HTMLIFrameElement;
  /** What is sent waits until the frame listens. */
  port: MessagePort;
  /** When it does. */
  listens: Promise<void>;
}

/** A word that nobody can guess: the frame's address holds it in `data-nonce`. */
export function newNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A frame of the address `src`, whose script has this nonce. */
export function isolated(src: string, nonce: string): Isolated {
  const element = document.createElement('iframe');
  element.title = 'Recorded page';
  element.referrerPolicy = 'no-referrer';
  element.tabIndex = -1;
  element.src = src;
  const { port1, port2 } = new MessageChannel();
  const listens = new Promise<void>((done) => {
    let given = false;
    addEventListener('message', ({ source, data }) => {
      if (source !== element.contentWindow || data !== `sentiero-frame:${nonce}` || given) return;
      given = true;
      // The frame's origin is opaque, so no target origin can name it.
      element.contentWindow?.postMessage(`sentiero-port:${nonce}`, '*', [port2]);
      done();
    });
  });
  return { element, port: port1, listens };
}
