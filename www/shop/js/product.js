import { $, $$, h } from "./dom.js";
import { cart } from "./cart-store.js";
import { CATEGORIES, COLOURS, PRODUCTS, findProduct, imageOf, money, reviewsOf } from "./products.js";
import { productCard, stars, toast } from "./view.js";
import "./size-guide.js";

const VIEWS = [
  { name: "in the studio", src: (product, colour) => imageOf(product, colour) },
  { name: "outdoors", src: (product, colour) => imageOf(product, colour, "trail") },
  { name: "close up", src: (product, colour) => `${imageOf(product, colour)}#svgView(viewBox(110,90,180,180))` },
];

const product = findProduct(new URLSearchParams(location.search).get("id"));
if (product) show(product);
else {
  for (const part of [$("#product"), $(".crumbs")]) part.closest(".page").hidden = true;
  $("#no-product").hidden = false;
}

function show(product) {
  const category = CATEGORIES.find(({ id }) => id === product.category);
  document.title = `${product.name} · Cairn & Pine`;
  $("#crumb-category").textContent = category.name;
  $("#crumb-category").href = `/shop/catalogue.html?category=${category.id}`;
  for (const id of ["#crumb-name", "#product-name"]) $(id).textContent = product.name;
  $("#product-price").textContent = money(product.price);
  $("#product-tagline").textContent = product.tagline;
  $("#product-rating").replaceChildren(stars(product.rating), h("span", { class: "muted small" }, ` ${product.rating} of 5`));
  $("#stock-frame").src = `/shop/frame.html?id=${product.id}`;
  $("#add").dataset.sentieroData = JSON.stringify({ product: product.id, price: product.price / 100 });

  const gallery = showGallery(product);
  showForm(product, gallery);
  showTabs(product);
  const others = PRODUCTS.filter((other) => other !== product && other.category !== product.category);
  const start = product.added % others.length;
  $("#related").replaceChildren(...[0, 5, 10, 15].map((step) => productCard(others[(start + step) % others.length])));
}

function showGallery(product) {
  const main = $("#gallery-main");
  const image = $("#gallery-image");
  const zoom = $("#zoom");
  let colour = product.colours[0];
  let current = 0;

  const thumbs = VIEWS.map((view, i) =>
    h("button", { class: "thumb", type: "button", "aria-label": `Picture ${view.name}`, "data-testid": `thumb-${i}`, onclick: () => select(i) },
      h("span", { class: "tile" }, h("img", { alt: "", width: 84, height: 84 }))));
  $("#thumbs").replaceChildren(...thumbs);

  function setZoom(on) {
    main.classList.toggle("zoomed", on);
    zoom.setAttribute("aria-pressed", String(on));
  }

  function select(i) {
    current = (i + VIEWS.length) % VIEWS.length;
    setZoom(false);
    image.src = VIEWS[current].src(product, colour);
    image.alt = `${product.name} in ${COLOURS[colour].name.toLowerCase()}, ${VIEWS[current].name}`;
    thumbs.forEach((thumb, n) => {
      thumb.setAttribute("aria-pressed", String(n === current));
      $("img", thumb).src = VIEWS[n].src(product, colour);
    });
  }

  $("#gallery-next").addEventListener("click", () => select(current + 1));
  $("#gallery-back").addEventListener("click", () => select(current - 1));
  zoom.addEventListener("click", () => setZoom(!main.classList.contains("zoomed")));
  zoom.addEventListener("pointermove", (event) => {
    const box = zoom.getBoundingClientRect();
    image.style.transformOrigin = `${((event.clientX - box.left) / box.width) * 100}% ${((event.clientY - box.top) / box.height) * 100}%`;
  });
  select(0);
  return { setColour(next) { colour = next; select(current); } };
}

function showForm(product, gallery) {
  const size = $("#size");
  const quantity = $("#quantity");
  const guide = $("size-guide");
  let colour = product.colours[0];

  $("#colour-name").textContent = COLOURS[colour].name;
  $("#swatches").replaceChildren(...product.colours.map((name, i) =>
    h("label", { class: "swatch", title: COLOURS[name].name },
      h("input", { type: "radio", name: "colour", value: name, checked: i === 0, "aria-label": COLOURS[name].name, "data-testid": `colour-${name}` }),
      h("span", { class: `dot c-${name}` }))));
  $("#swatches").addEventListener("change", (event) => {
    colour = event.target.value;
    $("#colour-name").textContent = COLOURS[colour].name;
    gallery.setColour(colour);
  });

  size.replaceChildren(...product.sizes.map((name) => h("option", {}, name)));
  size.selectedIndex = Math.floor((product.sizes.length - 1) / 2);
  if (product.sizes.length > 4) {
    guide.replaceWith(h("size-guide", { kind: product.category, "data-testid": "size-guide", onsize: (event) => { size.value = event.detail; } }));
  }

  $("#buy").addEventListener("submit", (event) => {
    event.preventDefault();
    const count = Math.min(20, Math.max(1, Math.floor(quantity.valueAsNumber) || 1));
    quantity.value = count;
    cart.add({ id: product.id, colour, size: size.value, quantity: count });
    toast(`${product.name} is in your cart.`, { href: "/shop/cart.html", text: "View the cart" });
  });
}

function showTabs(product) {
  const tabs = $$(".tab");
  $("#panel-description").replaceChildren(h("p", {}, product.text), h("p", { class: "muted" }, "Made to be repaired: every part of it can be ordered by its number, and the drawing is on our site."));
  $("#panel-specs").replaceChildren(h("dl", {}, ...Object.entries(product.specs).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
  $("#panel-reviews").replaceChildren(...reviewsOf(product).map((review) =>
    h("article", {}, stars(review.stars), " ", h("strong", {}, review.name), h("p", {}, review.text))));

  function select(tab) {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
    }
  }

  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      select(next);
      next.focus();
    });
  }
}
