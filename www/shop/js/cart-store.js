// The cart lives in localStorage, so it follows the visitor from page to page and tab to tab.
import { findProduct } from "./products.js";

const CART = "cairn.cart";
const COUPON = "cairn.coupon";
const ORDERS = "cairn.orders";
const COUPONS = { TRAIL10: 0.1, HUT20: 0.2 };
const FREE_DELIVERY_FROM = 8000;
export const SHIPPING = { standard: 590, express: 1290, pickup: 0 };

// A page stays usable where storage is denied or holds somebody else's data.
function read(key) {
  try {
    const value = JSON.parse(localStorage.getItem(key));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The page goes on without a memory.
  }
}

const sameLine = (a, b) => a.id === b.id && a.colour === b.colour && a.size === b.size;

export const cart = {
  lines() {
    return read(CART).filter((line) => findProduct(line.id));
  },
  count() {
    return cart.lines().reduce((sum, line) => sum + line.quantity, 0);
  },
  add(line) {
    const lines = cart.lines();
    const known = lines.find((other) => sameLine(other, line));
    if (known) known.quantity = Math.min(99, known.quantity + line.quantity);
    else lines.push(line);
    cart.save(lines);
  },
  setQuantity(line, quantity) {
    cart.save(cart.lines().map((other) => (sameLine(other, line) ? { ...other, quantity } : other)));
  },
  remove(line) {
    cart.save(cart.lines().filter((other) => !sameLine(other, line)));
  },
  clear() {
    cart.save([]);
    cart.setCoupon(null);
  },
  save(lines) {
    write(CART, lines);
    dispatchEvent(new CustomEvent("cart-changed"));
  },
  coupon() {
    const [code] = read(COUPON);
    return code in COUPONS ? code : null;
  },
  /** Remembers a coupon; false if there is no such coupon. */
  setCoupon(code) {
    if (code !== null && !Object.hasOwn(COUPONS, code)) return false;
    write(COUPON, code === null ? [] : [code]);
    return true;
  },
};

/** What the lines cost, in cents. */
export function sums(lines, shipping = "standard", coupon = cart.coupon()) {
  const goods = lines.reduce((sum, line) => sum + findProduct(line.id).price * line.quantity, 0);
  const discount = coupon ? Math.round(goods * COUPONS[coupon]) : 0;
  return { goods, discount, coupon, delivery: deliveryPrice(shipping, goods - discount), total: goods - discount + deliveryPrice(shipping, goods - discount) };
}

export function deliveryPrice(shipping, goods) {
  return shipping === "standard" && goods >= FREE_DELIVERY_FROM ? 0 : SHIPPING[shipping];
}

/** Orders placed in this browser. They hold what was bought, never who bought it. */
export const orders = {
  all: () => read(ORDERS),
  add: (order) => write(ORDERS, [order, ...read(ORDERS)].slice(0, 20)),
};
