// The isolated frame that replays, with the player's script. Also of a recording of our own
// nothing may run here.

import { isolated, newNonce } from '../../dashboard/js/isolated.js';

/** What the frame is told; see dashboard/js/player.ts. */
export interface Command {
  do: 'load' | 'go';
  turn: number;
  at: number;
  playing: boolean;
  speed: number;
}

export interface Heard {
  ready(): void;
  shown(): void;
  time(turn: number, at: number): void;
  ended(turn: number): void;
  failed(text: string): void;
}

export interface Frame {
  element: HTMLIFrameElement;
  send(command: Command, events?: Uint8Array): void;
}

/** No message of the frame is longer, characters. */
const LONGEST = 4_096;

/** Percent-encodes all but letters and digits. */
function percent(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const byte = (value: number): string => {
    const letter = String.fromCharCode(value);
    return /[a-z0-9]/i.test(letter) ? letter : `%${value.toString(16).toUpperCase().padStart(2, '0')}`;
  };
  return Array.from(bytes, byte).join('');
}

function pageOf(player: string, nonce: string): string {
  const address = player.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
  const page = `<!doctype html><meta charset=utf-8><title>Recorded page</title><body><script src="${address}" data-nonce="${nonce}"></script>`;
  return `data:text/html,${percent(page)}`;
}

/** Hands on what the frame may say; anything else is nothing. */
function hear(data: unknown, heard: Heard): void {
  if (typeof data !== 'string' || data.length > LONGEST) return;
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(data) as Record<string, unknown>;
  } catch {
    return;
  }
  const { is, turn, at, text } = said;
  if (is === 'shown') heard.shown();
  else if (is === 'time' && typeof turn === 'number' && typeof at === 'number') heard.time(turn, at);
  else if (is === 'ended' && typeof turn === 'number') heard.ended(turn);
  else if (is === 'error' && typeof text === 'string') heard.failed(text);
}

/** Puts the frame into `parent`. */
export function mount(parent: HTMLElement, player: string, heard: Heard): Frame {
  const nonce = newNonce();
  const { element, port, listens } = isolated(pageOf(player, nonce), nonce);
  port.onmessage = ({ data }) => hear(data, heard);
  void listens.then(() => heard.ready());
  parent.append(element);
  return {
    element,
    send(command, events) {
      const text = JSON.stringify(command);
      if (events === undefined) port.postMessage([text]);
      else port.postMessage([text, events], [events.buffer]);
    },
  };
}
