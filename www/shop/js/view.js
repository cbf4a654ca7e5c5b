// Pieces that several pages show: product cards, stars, sums.
import { $, h } from "./dom.js";
import { COLOURS, findProduct, imageOf, money } from "./products.js";

export function stars(rating) {
  const full = Math.round(rating);
  return h("span", { class: "stars", role: "img", "aria-label": `${rating} of 5 stars` }, "★".repeat(full) + "☆".repeat(5 - full));
}

export function productCard(product, { lazy = true } = {}) {
  return h("li", {},
    h("a", { class: "card", href: `/shop/product.html?id=${product.id}`, "data-testid": "product-card", "data-product": product.id },
      h("div", { class: "tile" },
        h("img", { src: imageOf(product), alt: "", width: 400, height: 400, loading: lazy && "lazy", decoding: "async" }),
        product.added > 21 ? h("span", { class: "flag" }, "New") : null),
      h("div", { class: "card-body" },
        h("span", { class: "card-name" }, product.name),
        h("span", { class: "card-price" }, money(product.price)),
        h("span", { class: "card-tagline" }, product.tagline),
        h("span", { class: "card-foot" },
          h("span", { class: "dots", role: "img", "aria-label": `In ${product.colours.map((c) => COLOURS[c].name.toLowerCase()).join(", ")}` },
            ...product.colours.map((colour) => h("span", { class: `dot c-${colour}` }))),
          stars(product.rating)))));
}

export function lineDetail(line) {
  const size = line.size === "One size" ? "" : `, ${line.size}`;
  return `${COLOURS[line.colour]?.name ?? line.colour}${size}`;
}

export function showMiniLines(list, lines) {
  list.replaceChildren(...lines.map((line) => {
    const product = findProduct(line.id);
    return h("li", {},
      h("div", { class: "tile" }, h("img", { src: imageOf(product, line.colour), alt: "", width: 52, height: 52 })),
      h("span", {}, product.name, h("br"), h("span", { class: "muted" }, `${lineDetail(line)} × ${line.quantity}`)),
      h("span", {}, money(product.price * line.quantity)));
  }));
}

export function showSums(list, { goods, discount, coupon, delivery, total }) {
  const row = (name, value, attributes = {}) => [h("dt", attributes.row, name), h("dd", { ...attributes.row, ...attributes.value }, value)];
  list.replaceChildren(
    ...row("Goods", money(goods)),
    ...(discount ? row(`Coupon ${coupon}`, `−${money(discount)}`, { value: { "data-testid": "cart-discount" } }) : []),
    ...row("Delivery", delivery ? money(delivery) : "Free"),
    ...row("Total", money(total), { row: { class: "total" }, value: { "data-testid": "cart-total" } }));
}

let toastTimer;

/** Says something at the foot of the page for a few seconds. */
export function toast(text, link) {
  $(".toast")?.remove();
  clearTimeout(toastTimer);
  const element = h("div", { class: "toast", role: "status", "data-testid": "toast" }, h("span", {}, text), link ? h("a", { href: link.href }, link.text) : null);
  document.body.append(element);
  toastTimer = setTimeout(() => element.remove(), 4500);
}
