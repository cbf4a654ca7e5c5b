// What visitors do in the shop. Each story is a function of a Shopper; `weight` says how many of
// a hundred visits are like it, `on` which devices it happens on, `shows` what to look for.

const PRODUCTS = ['ridgeline-2', 'stormcairn', 'nightfall', 'granite', 'switchback', 'highroute-40', 'ember', 'hut-lantern', 'downdrift', 'tarn', 'fell-poles', 'tinker'];
/** Who is signed in; copies of a visit get other numbers of the same length. */
export const USER = 'member-0000';

const FORM = {
  'field-name': 'Marta Almwanderin',
  'field-email': 'marta@mail.example',
  'field-phone': '+43 660 1234567',
  'field-address': 'Huettenweg 12, 6020 Innsbruck',
  'field-card': '4242424242424242',
  'field-expiry': '0429',
  'field-cvc': '424',
};

const card = (shopper, nth) => shopper.page.getByTestId('product-card').nth(nth);

async function toProduct(shopper, id) {
  const link = shopper.page.locator(`[data-testid=product-card][data-product=${id}]`).first();
  await shopper.follow(link, 'product');
}

async function lookAt(shopper) {
  await shopper.press('gallery-next');
  await shopper.think(1, 4);
  if (shopper.random.happens(0.5)) await shopper.press('tab-specs');
  await shopper.read(1, 3, 9);
  if (shopper.random.happens(0.5)) {
    await shopper.press('tab-reviews');
    await shopper.think(4, 15);
  }
}

async function toCheckout(shopper) {
  await shopper.press('add-to-cart');
  await shopper.think(1, 3);
  await shopper.follow('nav-cart', 'cart');
  await shopper.follow('to-checkout', 'checkout');
}

async function fill(shopper, fields) {
  for (const [field, value] of Object.entries(fields)) {
    await shopper.type(field, value);
    await shopper.think(0.4, 2.5);
  }
}

async function buys(shopper) {
  await shopper.arrive('/shop/');
  await shopper.read(1, 2, 5);
  await shopper.follow('hero-catalogue', 'catalogue');
  await shopper.read(1, 2, 6);
  await toProduct(shopper, shopper.random.pick(PRODUCTS));
  await lookAt(shopper);
  await toCheckout(shopper);
  await fill(shopper, FORM);
  await shopper.press('place-order');
  // The terms were forgotten: one error, then it goes.
  await shopper.think(1, 3);
  await shopper.press('field-terms');
  await shopper.press('place-order');
  await shopper.page.getByTestId('order-done').waitFor();
  await shopper.think(3, 8);
}

async function ragesAtTheHut(shopper) {
  await shopper.arrive('/shop/product.html?id=stormcairn');
  await shopper.read(1, 3, 7);
  await toCheckout(shopper);
  await fill(shopper, FORM);
  await shopper.press('ship-pickup');
  await shopper.think(1, 3);
  await shopper.press('field-terms');
  await shopper.press('place-order');
  await shopper.think(2, 3);
  await shopper.press('place-order', { times: 6 });
  await shopper.think(2, 4);
  await shopper.scroll(-0.4);
  await shopper.press('place-order', { times: 4 });
  await shopper.think(2, 5);
  await shopper.follow('nav-home', '/shop/');
}

async function triesTheCoupon(shopper) {
  await shopper.arrive('/shop/catalogue.html');
  await toProduct(shopper, shopper.random.pick(PRODUCTS));
  await shopper.press('add-to-cart');
  await shopper.follow('nav-cart', 'cart');
  await shopper.type('coupon-field', 'STUDENT15', { mistakes: 0 });
  await shopper.press('coupon-apply');
  await shopper.think(2, 4);
  await shopper.press('coupon-apply', { times: 3 });
  await shopper.think(3, 6);
  if (shopper.random.happens(0.4)) {
    await shopper.clear('coupon-field');
    await shopper.type('coupon-field', 'TRAIL10', { mistakes: 0 });
    await shopper.press('coupon-apply');
    await shopper.follow('to-checkout', 'checkout');
  }
}

async function bounces(shopper) {
  await shopper.arrive(shopper.random.pick(['/shop/', '/shop/product.html?id=granite', '/shop/catalogue.html?category=light']));
  if (shopper.touch) await shopper.page.touchscreen.tap(30, 300);
  await shopper.scroll(shopper.random.between(0.2, 0.7));
  await shopper.think(1, 6);
}

async function reads(shopper) {
  await shopper.arrive('/shop/');
  await shopper.press('nav-story');
  await shopper.read(4, 8, 35);
  await shopper.follow(shopper.page.locator('[data-testid^=category-]').first(), 'catalogue');
  await toProduct(shopper, 'ridgeline-2');
  await shopper.press('tab-reviews');
  await shopper.read(2, 10, 40);
  await shopper.press('tab-specs');
  await shopper.think(15, 50);
}

async function searchFor(shopper, text) {
  await shopper.clear('filter-search');
  await shopper.type('filter-search', text, { mistakes: 0 });
  await shopper.page.keyboard.press('Enter');
  await shopper.think(2, 6);
}

async function searches(shopper) {
  await shopper.arrive('/shop/catalogue.html');
  await shopper.type('filter-search', 'waterproof jaket', { mistakes: 0 });
  await shopper.think(2, 5);
  await searchFor(shopper, 'rain');
  await shopper.follow(card(shopper, 0), 'product');
  await shopper.read(1, 3, 9);
  await shopper.back();
  await searchFor(shopper, 'down');
  await shopper.follow(card(shopper, 0), 'product');
  await lookAt(shopper);
  await shopper.back();
}

async function compares(shopper) {
  await shopper.arrive('/shop/catalogue.html?category=shelter');
  await shopper.read(1, 2, 5);
  const list = shopper.page;
  const tabs = [];
  for (const id of ['ridgeline-2', 'longvale-3', 'firelight-tipi']) {
    await shopper.openTab();
    await shopper.page.goto(`${shopper.origin}/shop/product.html?id=${id}`, { referer: list.url() });
    tabs.push(shopper.page);
    await shopper.think(1, 2);
    await shopper.press('tab-specs');
    await shopper.think(4, 12);
  }
  for (const tab of [tabs[1], tabs[0], tabs[2]]) {
    shopper.page = tab;
    await tab.bringToFront();
    await shopper.scroll(0.4);
    await shopper.think(3, 10);
  }
  shopper.page = tabs[1];
  await tabs[1].bringToFront();
  await shopper.press('add-to-cart');
  await shopper.think(1, 2);
}

async function givesUpTheForm(shopper) {
  await shopper.arrive('/shop/product.html?id=highroute-55');
  await lookAt(shopper);
  await toCheckout(shopper);
  await fill(shopper, { 'field-name': FORM['field-name'], 'field-email': 'marta@mail', 'field-card': '4242 4242' });
  await shopper.press('place-order');
  await shopper.think(3, 6);
  await shopper.clear('field-card');
  await shopper.type('field-card', '42424242424', { mistakes: 0.2 });
  await shopper.press('place-order');
  await shopper.think(2, 5);
  await shopper.clear('field-card');
  await shopper.type('field-card', '4242424242', { mistakes: 0.2 });
  await shopper.clear('field-email');
  await shopper.type('field-email', FORM['field-email'], { mistakes: 0.15 });
  await shopper.press('place-order');
  await shopper.think(8, 25);
}

async function clicksWhatIsDead(shopper) {
  await shopper.arrive('/shop/product.html?id=marmot-mid');
  await shopper.think(2, 5);
  await shopper.press('dead-button');
  await shopper.think(2, 3);
  await shopper.press('product-price');
  await shopper.read(1, 2, 6);
}

async function comesBackAsMember(shopper) {
  await shopper.arrive('/shop/account/?view=orders', { direct: true });
  await shopper.identify(USER);
  await shopper.think(3, 8);
  await shopper.press('account-settings');
  await shopper.think(1, 3);
  await shopper.press('settings-save');
  await shopper.think(1, 3);
  await shopper.follow('nav-catalogue', 'catalogue');
  await shopper.read(1, 2, 5);
  await toProduct(shopper, shopper.random.pick(PRODUCTS));
  await shopper.press('add-to-cart');
  await shopper.think(2, 4);
}

async function wantsTheLetter(shopper) {
  await shopper.arrive('/shop/');
  await shopper.read(3, 2, 7);
  await shopper.type('newsletter-email', 'marta@mail.example');
  await shopper.press('newsletter-submit');
  await shopper.think(2, 5);
}

async function meetsTrouble(shopper) {
  await shopper.arrive('/shop/lab.html', { direct: true });
  for (const button of ['throw-error', 'reject', 'console-error', 'console-warn', 'fetch-missing']) {
    await shopper.press(button);
    await shopper.think(2, 6);
  }
  await shopper.press('rage-button', { times: 5 });
  await shopper.press('insert-nodes');
  await shopper.think(3, 8);
  await shopper.press('remove-nodes');
  await shopper.think(1, 3);
}

/** An hour of looking around. */
async function staysAnHour(shopper) {
  await shopper.arrive('/shop/');
  await shopper.identify(USER);
  for (let round = 0; round < 24; round += 1) {
    await shopper.follow('nav-catalogue', 'catalogue');
    await shopper.read(2, 12, 30);
    await toProduct(shopper, PRODUCTS[round % PRODUCTS.length]);
    await shopper.read(2, 15, 35);
    await shopper.press('tab-reviews');
    await shopper.think(20, 40);
    if (round % 6 === 5) await shopper.press('add-to-cart');
  }
  await shopper.follow('nav-cart', 'cart');
  await shopper.think(5, 10);
}

export const STORIES = [
  { name: 'buys', weight: 12, shows: 'buys something: a form with a mistake, an order at the end', run: buys },
  { name: 'rage-at-checkout', weight: 4, on: 'phone', shows: 'a phone; “Place order” does nothing for who picks up at a hut; rage, and gone', run: ragesAtTheHut },
  { name: 'coupon-error', weight: 6, shows: 'the coupon STUDENT15 throws an error in the cart', run: triesTheCoupon },
  { name: 'bounce', weight: 22, shows: 'one page, one look, gone', run: bounces },
  { name: 'reader', weight: 10, shows: 'reads long and buys nothing', run: reads },
  { name: 'searcher', weight: 14, shows: 'searches, finds nothing, searches again, back and forth', run: searches },
  { name: 'comparer', weight: 8, on: 'desktop', shows: 'three tents in three tabs', run: compares },
  { name: 'form-abandoned', weight: 9, shows: 'fills the card in again and again, gives up', run: givesUpTheForm },
  { name: 'dead-clicks', weight: 5, shows: '“Notify me” on a product is not wired to anything', run: clicksWhatIsDead },
  { name: 'member', weight: 8, shows: 'a signed-in member, known by a user id', run: comesBackAsMember },
  { name: 'newsletter', weight: 4, shows: 'reads the home page and subscribes', run: wantsTheLetter },
  { name: 'trouble', weight: 2, on: 'desktop', shows: 'errors, console messages and failing requests in the lab', run: meetsTrouble },
];

export const LONG = [
  { name: 'hour', weight: 0, on: 'desktop', shows: 'an hour in the shop', run: staysAnHour },
  { name: 'gaps', weight: 0, on: 'desktop', shows: 'a recording of which batches are missing', gaps: true, run: compares },
];
