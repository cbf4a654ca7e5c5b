/**
 * What the page writes to the console.
 *
 * The page's console works as before: the browser's own method is called first, with the
 * same arguments, and gives what it gives. Only the place that developer tools show beside
 * a line is this file.
 */
import { skipped, throttle, type End, type Tools } from './tools';

type Level = 'error' | 'warn' | 'info' | 'log' | 'debug';
type Write = (...args: unknown[]) => void;

const LEVELS: Level[] = ['error', 'warn', 'info', 'log', 'debug'];
const ARGUMENTS = 10;
const TEXT = 1_024;
const FIELDS = 20;
const DEPTH = 3;

/** The first fields of an object. Accessors are not called: they are the page's code. */
function fieldsOf(value: object): [string, unknown][] {
  const fields: [string, unknown][] = [];
  for (const name in value) {
    const field = Object.getOwnPropertyDescriptor(value, name);
    if (field && 'value' in field) {
      fields.push([name.slice(0, TEXT), field.value]);
    }
    if (fields.length === FIELDS) {
      break;
    }
  }
  return fields;
}

/**
 * `value` as JSON can say it, cut. Objects stay objects, so that fields with the names of
 * secrets are masked.
 */
function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return value.slice(0, TEXT);
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return `${value}`;
    case 'object':
      return value && plainObject(value, depth);
    default:
      return typeof value;
  }
}

function plainObject(value: object, depth: number): unknown {
  if (value instanceof Error) {
    return `${value.name}: ${value.message}`.slice(0, TEXT);
  }
  if (value instanceof Node) {
    return `<${value.nodeName.toLowerCase()}>`;
  }
  if (Array.isArray(value)) {
    return depth ? value.slice(0, FIELDS).map((item) => plain(item, depth - 1)) : '[…]';
  }
  const fields = depth && !ArrayBuffer.isView(value) ? fieldsOf(value) : [];
  // A map, a date, bytes, or too deep: what it is.
  return fields.length ? Object.fromEntries(fields.map(([name, field]) => [name, plain(field, depth - 1)])) : Object.prototype.toString.call(value);
}

export function consoles(tools: Tools, value: string): End {
  const asked = /^(true)?$/.test(value) ? ['error', 'warn'] : value.split(/\s+/);
  const pass = throttle(100, 60);
  /** What is written while a line is recorded is not recorded. */
  let busy = false;
  let closed = false;

  const record = (level: Level, args: unknown[]): void => {
    if (busy || closed) {
      return;
    }
    busy = true;
    try {
      // Our own lines say nothing about the page.
      const isOurs = typeof args[0] === 'string' && args[0].startsWith('Sentiero: ');
      const held = isOurs ? undefined : pass();
      if (held !== undefined) {
        tools.add('__console', { level, args: args.slice(0, ARGUMENTS).map((arg) => plain(arg, DEPTH)), ...skipped(held) });
      }
    } catch {
      // A proxy, or an object without a text.
    }
    busy = false;
  };

  const ends = LEVELS.filter((level) => asked.includes(level)).map((level): End => {
    const write = console[level] as Write;
    const ours: Write = function (this: unknown, ...args) {
      const result: unknown = Reflect.apply(write, this, args);
      record(level, args);
      return result;
    };
    console[level] = ours;
    return () => {
      // Unless the page has put its own in front of it.
      if (console[level] === ours) {
        console[level] = write;
      }
    };
  });
  return () => {
    closed = true;
    ends.forEach((end) => end());
  };
}
