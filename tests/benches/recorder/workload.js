// A page's own script: changes the page from a seed, so that each variant sees the same.
(() => {
  /** A small generator; the page must not differ between runs. */
  const generator = (seed) => () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const WORDS = 'order shipped pending invoice blue large return refund basket summer walnut delivery standard express gift note paid open closed review'.split(' ');

  /** A number of 10 up to `below`; and a price. */
  const whole = (random, below) => 10 + Math.floor(random() * (below - 10));
  const money = (random) => `${whole(random, 900)}.${whole(random, 100)}`;

  // What dashboards do all day, the frequent first.
  const office = (random, pick) => {
    const words = (n) => Array.from({ length: n }, () => pick(WORDS)).join(' ');
    const body = document.querySelector('#rows');
    const row = () => pick(body.rows);
    const cell = () => pick(row().cells);
    return [
      () => { cell().textContent = words(2); },
      () => { cell().textContent = `${Math.floor(random() * 10_000)}.${Math.floor(random() * 90) + 10}`; },
      () => { const { firstChild } = cell(); if (firstChild) firstChild.data = words(1); },
      () => { row().className = `row state-${pick(WORDS)}`; },
      () => { cell().setAttribute('data-state', pick(WORDS)); },
      () => { cell().style.width = `${Math.floor(random() * 300)}px`; },
      () => { cell().title = words(3); },
      () => {
        const added = row().cloneNode(true);
        body.insertBefore(added, row());
        body.lastElementChild.remove();
      },
    ];
  };

  // And shops: prices, stocks, a countdown, cards that are marked, moved and made anew.
  const shop = (random, pick) => {
    const grid = document.querySelector('#featured');
    const card = () => pick(grid.children);
    const part = (selector) => card().querySelector(selector);
    const countdown = document.querySelector('.notice').appendChild(document.createElement('b')).appendChild(new Text());
    let left = 1_200_000;
    return [
      () => { part('.card-price').textContent = `€${money(random)}`; },
      () => { part('.card-tagline').textContent = `Only ${whole(random, 30)} left, ${whole(random, 90)} people look at it`; },
      () => { left -= 20; countdown.data = new Date(left).toISOString().slice(14, 22); },
      () => { part('.card').className = `card ${pick(WORDS)}`; },
      () => { part('.tile').style.transform = `translateX(${whole(random, 100)}px)`; },
      () => { part('.card').dataset.stock = whole(random, 90); },
      () => { part('.card').title = `${pick(WORDS)} ${pick(WORDS)}`; },
      () => {
        const added = card().cloneNode(true);
        grid.insertBefore(added, card());
        grid.lastElementChild.remove();
      },
    ];
  };

  const make = (random) => {
    const pick = (list) => list[Math.floor(random() * list.length)];
    const changes = (document.querySelector('#rows') ? office : shop)(random, pick);
    return () => changes[Math.floor(random() ** 1.5 * changes.length)]();
  };

  /** What a visitor does, as far as a script can: scrolling, pointer moves, typing. */
  const visitor = (random) => {
    const scroller = document.querySelector('#scroller');
    const fields = document.querySelectorAll('form input');
    let typed = 0;
    return (tick) => {
      if (tick % 3 === 0) {
        const at = { bubbles: true, clientX: random() * 800, clientY: random() * 600 };
        document.body.dispatchEvent(new MouseEvent('mousemove', at));
      }
      if (tick % 10 === 0) {
        scroller.scrollTop = random() * 4_000;
      }
      if (tick % 20 === 0) {
        // Not by `value`: that is how a page's own code does it.
        const field = fields[Math.floor(typed++ / 8) % fields.length];
        field.setRangeText('x', field.value.length, field.value.length, 'end');
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        if (typed % 8 === 0) field.dispatchEvent(new Event('change', { bubbles: true }));
      }
    };
  };

  window.workload = {
    /** `count` changes, each a record of its own for observers, as fast as 4 ms timers go. */
    fast(count, seed) {
      const random = generator(seed);
      const [change, visit] = [make(random), visitor(random)];
      return new Promise((resolve) => {
        let done = 0;
        const tick = async () => {
          for (let i = 0; i < 4 && done < count; i++, done++) {
            visit(done);
            change();
            // Observers get their records between two microtasks.
            await undefined;
            await undefined;
          }
          if (done < count) setTimeout(tick, 4);
          else resolve();
        };
        setTimeout(tick);
      });
    },

    /** 200 changes a second for `ms`; what the visitor does comes from outside. */
    live(ms, seed) {
      const change = make(generator(seed));
      return new Promise((resolve) => {
        const start = performance.now();
        let done = 0;
        const timer = setInterval(async () => {
          const due = Math.min(performance.now() - start, ms) / 5;
          for (; done < due; done++) {
            change();
            await undefined;
            await undefined;
          }
          if (done >= ms / 5) {
            clearInterval(timer);
            resolve(done);
          }
        }, 5);
      });
    },
  };
})();
