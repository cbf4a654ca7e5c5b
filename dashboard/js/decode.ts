// The decoder's worker: the dashboard's own module, which answers one question
// after the other. The other end is src/background.rs.
import { Decoder, initSync } from '../pkg/dashboard.js';

/** What a dedicated worker has. */
interface Scope {
  onmessage: ((event: MessageEvent<WebAssembly.Module | [Uint8Array, Uint8Array?]>) => void) | null;
  postMessage(message: [Uint8Array, Uint8Array], transfer: Transferable[]): void;
}

/** Answers until the page ends the worker. What throws ends it, and the page hears of it. */
export function decode(): void {
  const scope = self as unknown as Scope;
  let decoder: Decoder | undefined;
  const say = (answer: Uint8Array, bytes: Uint8Array = new Uint8Array()): void => {
    if (answer.length > 0) scope.postMessage([answer, bytes], [answer.buffer, bytes.buffer]);
  };

  // Between the questions: a message to ourselves is behind those that are here already.
  const turns = new MessageChannel();
  let waiting = false;
  const goOn = (): void => {
    if (waiting || decoder?.busy() !== true) return;
    waiting = true;
    turns.port2.postMessage(0);
  };
  turns.port1.onmessage = () => {
    waiting = false;
    if (decoder !== undefined) say(decoder.work());
    goOn();
  };

  scope.onmessage = ({ data }) => {
    if (data instanceof WebAssembly.Module) {
      initSync({ module: data });
      decoder = new Decoder();
      return;
    }
    const [question, given] = data;
    const answer = decoder?.ask(question, given ?? new Uint8Array());
    if (answer !== undefined) say(answer, decoder?.bytes());
    goOn();
  };
}
