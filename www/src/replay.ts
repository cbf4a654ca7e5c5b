// The replay on the landing page: a still until it is seen or asked for, then a visit to the
// demo shop in the isolated frame, with what the visitor does beside it.
import { mount, type Frame } from './frame';
import { fetchVisit, type Visit } from './visit';

const VISIT = '/replay/visit.ndjson.gz';
const PLAYER = '/replay/player.js';
/** So much of it must be on the screen before it begins by itself. */
const SEEN = 0.6;
/** percent */
const SPEED = 100;

interface Parts {
  stage: HTMLElement;
  play: HTMLButtonElement;
  bar: HTMLProgressElement;
  clock: HTMLElement;
  steps: HTMLElement;
  said: HTMLElement;
}

function partsOf(figure: HTMLElement): Parts | undefined {
  const find = <T extends HTMLElement>(selector: string): T | null => figure.querySelector<T>(selector);
  const [stage, play, bar] = [find('.stage'), find<HTMLButtonElement>('.play'), find<HTMLProgressElement>('progress')];
  const [clock, steps, said] = [find('.clock'), find('.steps'), find('[role=status]')];
  if (!stage || !play || !bar || !clock || !steps || !said) return undefined;
  return { stage, play, bar, clock, steps, said };
}

const seconds = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms / 1_000));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
};

class Replay {
  private frame: Frame | undefined;
  private visit: Visit | undefined;
  private loading = false;
  private playing = false;
  private turn = 0;
  private at = 0;
  /** Whether it rests because it is out of sight, and not because somebody said so. */
  private outOfSight = false;

  constructor(private readonly figure: HTMLElement, private readonly parts: Parts) {
    parts.play.addEventListener('click', () => this.toggle());
    this.label();
  }

  /** What is on the screen has changed. */
  seen(isSeen: boolean, mayBegin: boolean): void {
    if (isSeen && this.visit === undefined) {
      if (mayBegin) this.begin();
    } else if (isSeen && this.outOfSight) {
      this.outOfSight = false;
      this.go(this.at, true);
    } else if (!isSeen && this.playing) {
      this.outOfSight = true;
      this.go(this.at, false);
    }
  }

  private toggle(): void {
    this.outOfSight = false;
    const { visit } = this;
    if (visit === undefined) this.begin();
    else if (this.playing) this.go(this.at, false);
    else this.go(this.at >= visit.to ? visit.from : this.at, true);
  }

  private begin(): void {
    if (this.loading) return;
    this.loading = true;
    this.parts.said.textContent = 'Loading the visit';
    this.load().catch((error: unknown) => {
      console.error(error);
      this.loading = false;
      this.parts.said.textContent = 'The visit could not be loaded. Is the network there?';
    });
  }

  private async load(): Promise<void> {
    const visit = await fetchVisit(VISIT, location.origin);
    this.visit = visit;
    this.at = visit.from;
    this.list(visit);
    this.frame = mount(this.parts.stage, new URL(PLAYER, location.href).href, {
      ready: () => this.ready(visit),
      shown: () => this.figure.classList.add('shown'),
      time: (turn, at) => this.show(turn, at),
      ended: (turn) => this.ended(turn),
      // What could not be replayed of a page is no concern of whoever looks at this one.
      failed: (text) => console.warn(`replay: ${text}`),
    });
  }

  private ready({ from, events }: Visit): void {
    this.turn += 1;
    this.playing = true;
    this.frame?.send({ do: 'load', turn: this.turn, at: from, playing: true, speed: SPEED }, events);
    this.parts.said.textContent = '';
    this.label();
  }

  private go(at: number, playing: boolean): void {
    this.turn += 1;
    this.playing = playing;
    this.frame?.send({ do: 'go', turn: this.turn, at, playing, speed: SPEED });
    this.show(this.turn, at);
    this.label();
  }

  private ended(turn: number): void {
    if (turn !== this.turn || this.visit === undefined) return;
    this.playing = false;
    this.show(turn, this.visit.to);
    this.label();
  }

  private show(turn: number, at: number): void {
    const { visit, parts } = this;
    if (turn !== this.turn || visit === undefined) return;
    this.at = Math.min(Math.max(at, visit.from), visit.to);
    parts.bar.max = visit.to - visit.from;
    parts.bar.value = this.at - visit.from;
    parts.clock.textContent = `${seconds(this.at - visit.from)} / ${seconds(visit.to - visit.from)}`;
    const done = visit.steps.filter((step) => step.at <= this.at).length;
    Array.from(parts.steps.children, (item, number) => {
      if (number === done - 1) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    });
  }

  /** What the visitor does; each leads to its moment. */
  private list({ from, steps }: Visit): void {
    const items = steps.map(({ at, text }) => {
      const button = document.createElement('button');
      button.type = 'button';
      const time = document.createElement('span');
      time.textContent = seconds(at - from);
      button.append(time, ` ${text}`);
      button.addEventListener('click', () => {
        this.outOfSight = false;
        this.go(at, this.playing);
      });
      const item = document.createElement('li');
      item.append(button);
      return item;
    });
    this.parts.steps.replaceChildren(...items);
  }

  private label(): void {
    const { play } = this.parts;
    const isOver = this.visit !== undefined && this.at >= this.visit.to;
    play.textContent = this.playing ? 'Pause' : isOver ? 'Play again' : 'Play the visit';
    this.figure.classList.toggle('playing', this.playing);
  }
}

/** It begins by itself only for who minds neither motion nor bytes. */
function mayBegin(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return !matchMedia('(prefers-reduced-motion: reduce)').matches && connection?.saveData !== true;
}

/** Brings `figure` to life; without what it needs, the still stays. */
export function offerReplay(figure: HTMLElement): void {
  const parts = partsOf(figure);
  if (parts === undefined || typeof DecompressionStream === 'undefined') return;
  const replay = new Replay(figure, parts);
  const observer = new IntersectionObserver(
    (entries) => entries.forEach(({ intersectionRatio }) => replay.seen(intersectionRatio >= SEEN, mayBegin())),
    { threshold: [0, SEEN] },
  );
  observer.observe(parts.stage);
  figure.classList.add('live');
}
