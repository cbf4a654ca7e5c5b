/**
 * Mutation storms: a part of the page that changes faster than a recording is worth.
 *
 * Loaded when the budget of recorder.ts is used up, and not before. The smallest subtree
 * that causes a quarter of what happens is left alone until it has calmed down: its
 * changes are dropped before they cost anything, all else goes on, also what the visitor
 * does in it. Then the subtree is recorded anew as a whole (rrweb believes that it was
 * moved), and every now and then while it does not calm down. `sentiero:storm` says where,
 * and how many changes were left out.
 *
 * What masking must know of a change is not dropped: see `KEPT` and `seen`.
 */
import { stormRate, stormRetake } from './policy.json';

/** rrweb's buffer of changes; what we use of it. */
export interface Changes {
  processMutation(record: Change): void;
  emit(): void;
}

/** A change: the browser's, or one that we make up. */
export type Change = Pick<MutationRecord, 'type' | 'target' | 'attributeName'> & {
  addedNodes: Iterable<Node>;
  removedNodes: Iterable<Node>;
};

/** What a storm needs of the recorder. */
export interface Ports {
  idOf(node: Node): number;
  /** A node is no longer part of the page. */
  forget(node: Node): void;
  /** A node is part of it, though nobody records that now. */
  seen(node: Node): void;
  /** Adds a custom event. */
  say(tag: string, payload: object): void;
  snapshot(): void;
  /** Whether rrweb still runs as it did when this began. */
  runs(): boolean;
  guard(work: () => void): () => void;
}

export interface Storms {
  /** Of `records` those that are to be recorded; too much is happening if `over`. */
  filter(records: Change[], changes: Changes, over: boolean): Change[];
}

interface Storm {
  changes: Changes;
  /** Changes since the subtree was recorded, and in this second. */
  left: number;
  recent: number;
  /** When it was recorded last. */
  since: number;
}

/** Attributes by which it is known what may be recorded. */
const KEPT = /^(type|role|autocomplete|contenteditable|data-(rr|sentiero)-)/i;

/** How many of the last targets tell where the storm is. */
const SAMPLE = 256;

const SECOND = 1_000;

/** What a node is in, beyond shadow roots. */
function around(node: Node): Node | null {
  return node.parentNode ?? (node as Partial<ShadowRoot>).host ?? null;
}

function isWithin(node: Node, root: Node): boolean {
  for (let at: Node | null = node; at; at = around(at)) {
    if (at === root) {
      return true;
    }
  }
  return false;
}

/** The smallest subtree that holds a quarter of `nodes`; none if that is the page. */
export function blame(nodes: Node[]): Element | undefined {
  let paths = nodes.map((node) => {
    const path: Node[] = [];
    for (let at: Node | null = node; at; at = around(at)) {
      path.unshift(at);
    }
    return path;
  });
  let found: Node | undefined;
  for (let depth = 0; ; depth += 1) {
    const counts = new Map<Node, number>();
    for (const path of paths) {
      const at = path[depth];
      if (at) {
        counts.set(at, (counts.get(at) ?? 0) + 1);
      }
    }
    const [most, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [undefined, 0] as [Node | undefined, number]);
    if (!most || count < nodes.length / 4) {
      break;
    }
    // A text is recorded with its element, and a shadow root with its host.
    found = most.nodeType === Node.ELEMENT_NODE ? most : found;
    paths = paths.filter((path) => path[depth] === most);
  }
  return found as Element | undefined;
}

/** The page itself, or its frame: these cannot be taken out and put back. */
function isPage(node: Element): boolean {
  return /^(html|head|body)$/i.test(node.tagName);
}

export function createStorms({ idOf, forget, seen, say, snapshot, runs, guard }: Ports): Storms {
  const storms = new Map<Element, Storm>();
  let sample: Node[] = [];
  let sampled = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  const stormOf = (node: Node): [Element, Storm] | undefined => {
    for (const entry of storms) {
      if (isWithin(node, entry[0])) {
        return entry;
      }
    }
    return undefined;
  };

  /** Whether a change of a subtree is left out. */
  const holds = (root: Element, { type, attributeName, addedNodes, removedNodes }: Change): boolean => {
    if (type === 'attributes' && KEPT.test(attributeName ?? '')) {
      return false;
    }
    const removed = [...removedNodes];
    if (removed.some((node) => node.isConnected && !isWithin(node, root))) {
      // It went elsewhere, where it is recorded.
      return false;
    }
    removed.forEach((node) => node.isConnected || forget(node));
    for (const node of addedNodes) {
      seen(node);
    }
    return true;
  };

  /** Records the subtree anew. */
  const retake = (root: Element, storm: Storm): void => {
    const { left, changes } = storm;
    Object.assign(storm, { left: 0, since: performance.now() });
    say('sentiero:storm', { id: idOf(root), left });
    const parent = around(root);
    if (isPage(root) || !parent) {
      snapshot();
      return;
    }
    const record = { type: 'childList' as const, target: parent, attributeName: null };
    changes.processMutation({ ...record, addedNodes: [], removedNodes: [root] });
    changes.processMutation({ ...record, addedNodes: [root], removedNodes: [] });
    changes.emit();
  };

  const look = guard(() => {
    if (!runs()) {
      storms.clear();
    }
    for (const [root, storm] of storms) {
      const calm = storm.recent < stormRate / 4;
      storm.recent = 0;
      if (!root.isConnected) {
        storms.delete(root);
      } else if (calm || performance.now() - storm.since > stormRetake) {
        if (calm) {
          storms.delete(root);
        }
        retake(root, storm);
      }
    }
    if (!storms.size) {
      clearInterval(timer);
      timer = undefined;
    }
  });

  const begin = (changes: Changes): void => {
    const root = blame(sample.filter(Boolean));
    sample = [];
    if (root && !storms.has(root)) {
      storms.set(root, { changes, left: 0, recent: 0, since: performance.now() });
      say('sentiero:storm', { id: idOf(root), left: 0 });
      timer ??= setInterval(look, SECOND);
    }
  };

  return {
    filter(records, changes, over) {
      if (performance.now() > sampled + SECOND) {
        // Not for longer: they would be kept alive.
        sample = [];
        sampled = performance.now();
      }
      const rest = records.filter((record) => {
        const [root, storm] = stormOf(record.target) ?? [];
        if (!root || !storm || !holds(root, record)) {
          sample[Math.random() * SAMPLE | 0] = record.target;
          return true;
        }
        storm.left += 1;
        storm.recent += 1;
        return false;
      });
      if (over) {
        begin(changes);
        return rest.filter(({ target }) => !stormOf(target));
      }
      return rest;
    },
  };
}
