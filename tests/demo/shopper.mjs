// A visitor's hands and eyes. Hands are as quick as the browser lets them; how long a person
// takes to think and read is only noted, and put between the events afterwards.
import { setTimeout as sleep } from 'node:timers/promises';

/** What was done before a pause has happened by then, and what comes after it has not begun. */
const SETTLE = 90;

export class Shopper {
  /** `origin`: of the shop; `persona`: device, country and source; `random`: their chance. */
  constructor(context, origin, persona, random) {
    Object.assign(this, { context, origin, persona, random });
    this.touch = persona.device.kind !== 'desktop';
    /** `{at, ms}`: at this instant the visitor did nothing for so long. */
    this.pauses = [];
    this.pages = [];
  }

  /** Opens the shop in a first tab, from where this visitor came. */
  async arrive(path, { direct = false } = {}) {
    await this.openTab();
    const { referrer, query } = direct ? { referrer: '', query: '' } : this.persona.source;
    const address = new URL(path, this.origin);
    for (const [name, value] of new URLSearchParams(query)) address.searchParams.set(name, value);
    await this.page.goto(address.href, { referer: referrer || undefined });
    await this.think(1, 3);
  }

  async openTab() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(10_000);
    this.pages.push(this.page);
  }

  /** Does nothing for `from` to `to` seconds. */
  async think(from, to = from * 1.6) {
    await sleep(SETTLE);
    this.pauses.push({ at: Date.now(), ms: Math.round(this.random.between(from, to) * 1_000) });
    await sleep(20);
  }

  find(what) {
    return typeof what === 'string' ? this.page.getByTestId(what).first() : what;
  }

  /** Somewhere in the middle of an element that is on the screen. */
  async aim(what) {
    const element = this.find(what);
    await element.waitFor();
    await element.scrollIntoViewIfNeeded();
    const box = await element.boundingBox();
    if (!box) throw new Error(`nothing to aim at: ${what}`);
    return {
      x: box.x + box.width * this.random.between(0.3, 0.7),
      y: box.y + box.height * this.random.between(0.35, 0.65),
    };
  }

  /** Moves the pointer in a slight curve, as hands do. */
  async moveTo({ x, y }) {
    const from = this.pointer ?? { x: this.random.between(200, 700), y: this.random.between(100, 300) };
    const bend = { x: this.random.between(-60, 60), y: this.random.between(-40, 40) };
    const steps = 8 + Math.floor(this.random.next() * 6);
    for (let step = 1; step <= steps; step += 1) {
      const t = step / steps;
      const curve = 4 * t * (1 - t);
      const eased = t * t * (3 - 2 * t);
      await this.page.mouse.move(from.x + (x - from.x) * eased + bend.x * curve, from.y + (y - from.y) * eased + bend.y * curve);
      await sleep(14);
    }
    this.pointer = { x, y };
  }

  /** Clicks or taps, `times` in a row. */
  async press(what, { times = 1 } = {}) {
    const place = await this.aim(what);
    if (!this.touch) await this.moveTo(place);
    for (let count = 0; count < times; count += 1) {
      const shake = () => this.random.between(-3, 3) * Math.min(count, 1);
      const at = { x: place.x + shake(), y: place.y + shake() };
      await (this.touch ? this.page.touchscreen.tap(at.x, at.y) : this.page.mouse.click(at.x, at.y));
      if (times > 1) await sleep(this.random.between(50, 110));
    }
  }

  /** Presses something that leads to another page. */
  async follow(what, then) {
    await this.press(what);
    await this.page.waitForURL((url) => `${url.pathname}${url.search}`.includes(then));
    await this.page.waitForLoadState('load');
    await this.think(1, 4);
  }

  async back() {
    await this.page.goBack();
    await this.page.waitForLoadState('load');
    await this.think(1, 3);
  }

  /** Types as people do: now and then a wrong letter, and back. */
  async type(what, text, { mistakes = 0.06 } = {}) {
    await this.press(what);
    for (const letter of text) {
      if (this.random.happens(mistakes)) {
        await this.page.keyboard.press(this.random.pick([...'asdfghjklertzuiopnm']), { delay: 8 });
        await sleep(this.random.between(60, 120));
        await this.page.keyboard.press('Backspace', { delay: 8 });
      }
      await this.page.keyboard.press(letter === ' ' ? 'Space' : letter, { delay: this.random.between(6, 14) });
      await sleep(this.random.between(18, 50));
    }
  }

  /** Empties a field. */
  async clear(what) {
    await this.press(what);
    await this.find(what).selectText();
    await this.page.keyboard.press('Backspace');
  }

  /** Scrolls by `share` of the screen in a few turns of the wheel. */
  async scroll(share) {
    const whole = this.persona.device.viewport.height * share;
    for (let turn = 0; turn < 5; turn += 1) {
      await this.page.mouse.wheel(0, whole / 5);
      await sleep(45);
    }
  }

  /** Reads a page down, screen by screen. */
  async read(screens, from, to) {
    for (let screen = 0; screen < screens; screen += 1) {
      await this.think(from, to);
      await this.scroll(this.random.between(0.6, 0.95));
    }
  }

  /** Says who this is, as the shop would after a sign-in. */
  identify(user) {
    return this.page.evaluate((id) => window.Sentiero.identify(id), user);
  }
}
