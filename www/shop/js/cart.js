import { $, h } from "./dom.js";
import { cart, sums } from "./cart-store.js";
import { findProduct, imageOf, money } from "./products.js";
import { lineDetail, showSums } from "./view.js";

function stepper(line, product) {
  const set = (quantity) => (quantity < 1 ? cart.remove(line) : cart.setQuantity(line, Math.min(99, quantity)));
  return h("div", { class: "stepper" },
    h("button", { type: "button", "aria-label": `One ${product.name} fewer`, "data-testid": "cart-minus", onclick: () => set(line.quantity - 1) }, "−"),
    h("input", { type: "number", min: 1, max: 99, value: line.quantity, inputmode: "numeric", "aria-label": `Quantity of ${product.name}`, "data-testid": "cart-quantity", onchange: (event) => set(Math.floor(event.target.valueAsNumber) || 1) }),
    h("button", { type: "button", "aria-label": `One ${product.name} more`, "data-testid": "cart-plus", onclick: () => set(line.quantity + 1) }, "+"));
}

function lineView(line) {
  const product = findProduct(line.id);
  const href = `/shop/product.html?id=${product.id}`;
  return h("li", { class: "line", "data-testid": "cart-line" },
    h("a", { class: "tile", href, tabindex: -1, "aria-hidden": "true" }, h("img", { src: imageOf(product, line.colour), alt: "", width: 104, height: 104 })),
    h("div", {},
      h("h2", {}, h("a", { href }, product.name)),
      h("div", { class: "muted small" }, `${lineDetail(line)} · ${money(product.price)}`),
      h("div", { class: "line-actions" }, stepper(line, product),
        h("button", { class: "link-button", type: "button", "data-testid": "cart-remove", "aria-label": `Remove ${product.name}`, onclick: () => cart.remove(line) }, "Remove"))),
    h("span", { class: "line-total" }, money(product.price * line.quantity)));
}

function render() {
  const lines = cart.lines();
  const focused = document.activeElement?.dataset.testid;
  const index = [...document.querySelectorAll(`[data-testid="${focused}"]`)].indexOf(document.activeElement);
  $("#empty").hidden = lines.length > 0;
  $("#cart").hidden = lines.length === 0;
  $("#lines").replaceChildren(...lines.map(lineView));
  showSums($("#sums"), sums(lines));
  // The list is rebuilt, the keyboard stays where it was.
  if (focused && $("#lines").contains(document.querySelectorAll(`[data-testid="${focused}"]`)[index] ?? null)) document.querySelectorAll(`[data-testid="${focused}"]`)[index].focus();
}

const REBATES = {};

function rebate(code) {
  return REBATES[code].percent / 100;
}

$("#coupon").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = $("#coupon-field");
  const code = input.value.trim().toUpperCase();
  // A campaign that was announced before anybody built it: it breaks the handler on purpose.
  if (code === "STUDENT15") rebate(code);
  const good = cart.setCoupon(code === "" ? null : code);
  input.setAttribute("aria-invalid", String(!good));
  $("#coupon-status").className = good ? "hint" : "error";
  $("#coupon-status").textContent = good ? (code ? `${code} is applied.` : "No coupon is applied.") : "There is no such coupon.";
  render();
});

$("#coupon-field").value = cart.coupon() ?? "";
addEventListener("cart-changed", render);
addEventListener("storage", render);
render();
