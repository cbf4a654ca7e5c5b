import { $, h } from "./dom.js";
import { CATEGORIES, PRODUCTS } from "./products.js";
import { productCard } from "./view.js";

$("#categories").replaceChildren(...CATEGORIES.map((category) =>
  h("a", { class: "category", href: `/shop/catalogue.html?category=${category.id}`, "data-testid": `category-${category.id}` },
    h("div", { class: "tile" }, h("img", { src: `/shop/img/${category.image}.svg`, alt: "", width: 400, height: 400 })),
    category.name)));

const newest = [...PRODUCTS].sort((a, b) => b.added - a.added).slice(0, 8);
$("#featured").replaceChildren(...newest.map((product) => productCard(product)));

const form = $("#newsletter");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const input = $("#newsletter-email");
  const good = /^\S+@\S+\.\S+$/.test(input.value.trim());
  input.setAttribute("aria-invalid", String(!good));
  $("#newsletter-status").textContent = good ? "Thank you. It is a demo, so nothing was sent." : "That does not look like an e-mail address.";
  if (good) form.reset();
});
