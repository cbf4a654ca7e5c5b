// Validates, shows a confirmation, and sends nothing anywhere. One way of delivery is broken on
// purpose, as real shops are: who picks up at a hut presses a button that does nothing.
import { $, h } from "./dom.js";
import { cart, deliveryPrice, orders, sums } from "./cart-store.js";
import { money } from "./products.js";
import { showMiniLines, showSums } from "./view.js";

const form = $("#form");
const field = (name) => form.elements[name];
const digits = (text) => text.replace(/\D/g, "");

const RULES = {
  name: (value) => value.trim().length < 2 && "Please say who it is for.",
  email: (value) => !/^\S+@\S+\.\S+$/.test(value.trim()) && "That does not look like an e-mail address.",
  phone: (value) => digits(value).length < 6 && "A phone number has six digits or more.",
  address: (value) => value.trim().length < 5 && "Where should it go?",
  card: (value) => !/^\d{13,19}$/.test(digits(value)) && "A card number has 13 to 19 digits.",
  expiry: (value) => !/^(0[1-9]|1[0-2])\s*\/\s*\d{2}$/.test(value.trim()) && "Month and year, like 04/29.",
  cvc: (value) => !/^\d{3,4}$/.test(value.trim()) && "Three or four digits.",
  password: (value) => value !== "" && value.length < 8 && "Eight characters or more.",
  password2: (value) => value !== field("password").value && "The two passwords differ.",
  terms: () => !field("terms").checked && "Please agree, so that nobody waits for a parcel.",
};

function check(name) {
  const input = field(name);
  const problem = RULES[name](input.value) || "";
  input.setAttribute("aria-invalid", String(Boolean(problem)));
  $(`#${name}-error`).textContent = problem;
  return problem;
}

function checkAll() {
  const problems = Object.keys(RULES).map((name) => [name, check(name)]).filter(([, problem]) => problem);
  const box = $("#error-summary");
  box.hidden = problems.length === 0;
  box.replaceChildren(h("strong", {}, problems.length === 1 ? "One thing is missing" : `${problems.length} things are missing`),
    h("ul", {}, ...problems.map(([name, problem]) => h("li", {}, h("a", { href: `#${name}` }, problem)))));
  if (problems.length) box.focus();
  return problems.length === 0;
}

/** Writes spaces or a slash while the visitor types digits. */
function group(input, write) {
  input.addEventListener("input", () => {
    if (input.selectionStart !== input.value.length) return;
    const next = write(digits(input.value));
    if (next !== input.value && !input.value.endsWith(" ") && !input.value.endsWith("/")) input.value = next;
  });
}

function shipping() {
  return new FormData(form).get("shipping");
}

function showOrder() {
  const lines = cart.lines();
  const { goods, discount } = sums(lines);
  for (const price of document.querySelectorAll("[data-price]")) {
    const cents = deliveryPrice(price.dataset.price, goods - discount);
    price.textContent = cents ? money(cents) : "Free";
  }
  showMiniLines($("#mini-lines"), lines);
  showSums($("#sums"), sums(lines, shipping()));
}

function showDone(order) {
  $("#checkout").hidden = true;
  $("#empty").hidden = true;
  $("#done").hidden = false;
  $("#done-number").textContent = order.number;
  document.title = "Thank you · Cairn & Pine";
  showMiniLines($("#done-lines"), order.lines);
  showSums($("#done-sums"), order.sums);
}

function route() {
  const confirmed = new URLSearchParams(location.search).get("step") === "confirmation" && orders.all()[0];
  if (confirmed) return showDone(confirmed);
  const empty = cart.lines().length === 0;
  $("#done").hidden = true;
  $("#checkout").hidden = empty;
  $("#empty").hidden = !empty;
  if (!empty) showOrder();
}

/** Asks the huts for a free locker. Nobody thought of huts that do not answer. */
async function reserveLocker() {
  const answer = await fetch("/shop/huts/lockers.json", { cache: "no-store" });
  if (!answer.ok) throw new Error(`No locker could be reserved: the huts answered ${answer.status}`);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!checkAll()) return;
  if (shipping() === "pickup") await reserveLocker();
  const lines = cart.lines();
  const order = {
    number: `CP-${Math.floor(100000 + Math.random() * 900000)}`,
    placed: Date.now(),
    lines,
    sums: sums(lines, shipping()),
  };
  orders.add(order);
  cart.clear();
  form.reset();
  window.Sentiero?.addCustomEvent?.("order_placed", { total: order.sums.total / 100, items: lines.length });
  history.pushState(null, "", "?step=confirmation");
  showDone(order);
  scrollTo(0, 0);
  $("#done").focus({ preventScroll: true });
});

// A message appears when the order is placed and goes as soon as it is obeyed. Never on leaving a
// field: the form would move under the pointer that presses the next button.
for (const name of Object.keys(RULES)) {
  field(name).addEventListener("input", () => field(name).getAttribute("aria-invalid") === "true" && check(name));
}
group(field("card"), (text) => text.slice(0, 19).replace(/(\d{4})(?=\d)/g, "$1 "));
group(field("expiry"), (text) => (text.length > 2 ? `${text.slice(0, 2)}/${text.slice(2, 4)}` : text));
form.addEventListener("change", (event) => event.target.name === "shipping" && showOrder());
field("name").addEventListener("input", () => { $("#summary-name").textContent = field("name").value.trim() || "you"; });

$("#toggle-password").addEventListener("click", (event) => {
  const show = field("password").type === "password";
  for (const name of ["password", "password2"]) field(name).type = show ? "text" : "password";
  event.target.setAttribute("aria-pressed", String(show));
  event.target.textContent = show ? "Hide passwords" : "Show passwords";
});

field("date").min = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
addEventListener("popstate", route);
route();
