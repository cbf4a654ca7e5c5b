import { $, h } from "./dom.js";
import { CATEGORIES, PRODUCTS, money } from "./products.js";
import { productCard } from "./view.js";

const price = $("#filter-price");
const search = $("#filter-search");
const sort = $("#filter-sort");
const grid = $("#products");

const ORDER = {
  new: (a, b) => b.added - a.added,
  price: (a, b) => a.price - b.price,
  "price-desc": (a, b) => b.price - a.price,
  rating: (a, b) => b.rating - a.rating,
  name: (a, b) => a.name.localeCompare(b.name),
};

const checkboxes = CATEGORIES.map((category) =>
  h("input", { type: "checkbox", name: "category", value: category.id, "data-testid": `filter-${category.id}` }));

$("#category-filters").append(...CATEGORIES.map((category, i) =>
  h("label", { class: "check" }, checkboxes[i], h("span", {}, category.name),
    h("span", { class: "count" }, PRODUCTS.filter((product) => product.category === category.id).length))));

/** The URL is the state: a reload, a shared link and the back button show the same products. */
function readUrl() {
  const query = new URLSearchParams(location.search);
  const wanted = (query.get("category") ?? "").split(",");
  for (const box of checkboxes) box.checked = wanted.includes(box.value);
  price.value = query.get("max") ?? price.max;
  search.value = query.get("q") ?? "";
  sort.value = Object.hasOwn(ORDER, query.get("sort")) ? query.get("sort") : "new";
}

function url() {
  const query = new URLSearchParams();
  const chosen = checkboxes.filter((box) => box.checked).map((box) => box.value);
  if (chosen.length) query.set("category", chosen.join(","));
  if (price.value !== price.max) query.set("max", price.value);
  if (search.value.trim()) query.set("q", search.value.trim());
  if (sort.value !== "new") query.set("sort", sort.value);
  return location.pathname + (query.size ? `?${query}` : "");
}

function matching() {
  const chosen = checkboxes.filter((box) => box.checked).map((box) => box.value);
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return PRODUCTS
    .filter((product) => !chosen.length || chosen.includes(product.category))
    .filter((product) => price.value === price.max || product.price <= Number(price.value))
    .filter((product) => {
      const text = `${product.name} ${product.tagline} ${product.text} ${product.colours.join(" ")}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort(ORDER[sort.value]);
}

function render() {
  const products = matching();
  $("#price-output").textContent = price.value === price.max ? "any price" : money(Number(price.value));
  $(".result-count").textContent = products.length === 1 ? "1 product" : `${products.length} products`;
  grid.replaceChildren(...products.map((product, i) => productCard(product, { lazy: i > 5 })));
  if (!products.length) grid.append(h("li", { class: "empty" }, h("p", {}, "Nothing matches. Loosen a filter and look again."),
    h("button", { class: "button quiet slim", type: "button", onclick: () => $("#filters").reset() }, "Clear all filters")));
}

function remember() {
  if (url() !== location.pathname + location.search) history.pushState(null, "", url());
}

// While a slider moves or a word is typed the grid follows; the URL waits for the end. The end of
// typing must not rebuild the grid: it comes with the press of a button in it, which would vanish.
for (const control of [...checkboxes, price, sort, search]) {
  control.addEventListener("input", render);
  control.addEventListener("change", remember);
}
$("#filters").addEventListener("reset", () => setTimeout(() => {
  for (const box of checkboxes) box.checked = false;
  price.value = price.max;
  search.value = "";
  remember();
  render();
}));
addEventListener("popstate", () => { readUrl(); render(); });

if (matchMedia("(max-width: 52rem)").matches) $("#filter-box").open = false;
readUrl();
render();
