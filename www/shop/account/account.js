// A single-page app with three routes in the query, so that a reload on any static host works.
import { $, $$, h } from "../js/dom.js";
import { orders } from "../js/cart-store.js";
import { findProduct, money } from "../js/products.js";
import { toast } from "../js/view.js";

const SAMPLES = [
  { number: "CP-204417", placed: Date.UTC(2026, 4, 9), status: "Delivered", lines: [{ id: "highroute-55", colour: "moss", size: "M/L", quantity: 1 }, { id: "spring", colour: "slate", size: "One size", quantity: 2 }], sums: { total: 30700 } },
  { number: "CP-198032", placed: Date.UTC(2026, 1, 21), status: "Delivered", lines: [{ id: "bobble", colour: "rust", size: "One size", quantity: 1 }], sums: { total: 3790 } },
];

const field = (id, label, attributes = {}) =>
  h("div", { class: "field" }, h("label", { for: id }, label), h("input", { id, name: id, "data-testid": `account-${id}`, ...attributes }));

const toggle = (id, label, checked = false) =>
  h("label", { class: "switch" }, h("span", {}, label), h("input", { type: "checkbox", role: "switch", name: id, checked, "data-testid": `setting-${id}` }));

const saved = (text) => (event) => {
  event.preventDefault();
  toast(text);
};

const VIEWS = {
  profile: () => ({
    title: "Profile",
    body: h("div", { class: "stack" },
      h("form", { class: "panel stack", onsubmit: saved("Your profile is saved, until you leave.") },
        field("display-name", "Name", { autocomplete: "name", value: "Robin Example" }),
        field("profile-email", "E-mail", { type: "email", autocomplete: "email", value: "robin@example.com" }),
        field("birthday", "Birthday", { type: "date", autocomplete: "bday" }),
        h("div", {}, h("button", { class: "button", "data-testid": "profile-save" }, "Save"))),
      h("div", { class: "panel stack" },
        h("div", { class: "label", id: "note-label" }, "A note to the repair workshop"),
        h("div", { class: "note", contenteditable: "true", role: "textbox", "aria-multiline": "true", "aria-labelledby": "note-label", "data-placeholder": "Tell us what broke, and how …", "data-testid": "account-note" }))),
  }),
  orders: () => ({
    title: "Orders",
    body: h("div", { class: "panel" }, h("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Orders" },
      h("table", {},
        h("thead", {}, h("tr", {}, ...["Order", "Placed", "What", "State", "Total"].map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, ...[...orders.all(), ...SAMPLES].map((order) =>
          h("tr", { "data-testid": "order-row" },
            h("td", {}, order.number),
            h("td", {}, new Date(order.placed).toLocaleDateString("en-IE", { dateStyle: "medium" })),
            h("td", {}, ...order.lines.map((line) => h("div", {}, `${line.quantity} × ${findProduct(line.id)?.name ?? "Something lovely"}`))),
            h("td", {}, h("span", { class: "pill" }, order.status ?? "Confirmed")),
            h("td", {}, money(order.sums.total)))))))),
  }),
  settings: () => {
    const dialog = h("dialog", { "aria-labelledby": "delete-title", "data-testid": "delete-dialog" },
      h("form", { method: "dialog", class: "stack" },
        h("h2", { id: "delete-title" }, "Delete your account?"),
        h("p", {}, "It does not exist, so this is easy."),
        h("div", { class: "button-row" },
          h("button", { class: "button danger", "data-testid": "delete-confirm", onclick: () => toast("Gone, as if it had never been.") }, "Delete"),
          h("button", { class: "button quiet", "data-testid": "delete-cancel" }, "Keep it"))));
    const size = h("input", { id: "text-size", type: "range", min: 90, max: 130, step: 5, value: 100, "data-testid": "setting-text-size", oninput: () => {
      document.documentElement.style.fontSize = `${size.value}%`;
    } });
    return {
      title: "Settings",
      body: h("div", { class: "stack" },
        h("form", { class: "panel", onsubmit: saved("Your settings are saved, until you leave.") },
          toggle("letter", "The monthly letter", true),
          toggle("repairs", "News about my repairs", true),
          toggle("routes", "Routes near me"),
          h("div", { class: "stack" },
            h("div", { class: "field" }, h("label", { for: "language" }, "Language"),
              h("select", { id: "language", "data-testid": "setting-language" }, ...["English", "Deutsch", "Italiano", "Français"].map((name) => h("option", {}, name)))),
            h("div", { class: "field" }, h("label", { for: "text-size" }, "Text size"), size),
            h("div", {}, h("button", { class: "button", "data-testid": "settings-save" }, "Save")))),
        h("div", { class: "panel" }, h("h2", {}, "Leave us"), h("button", { class: "button danger", type: "button", "data-testid": "delete-account", onclick: () => dialog.showModal() }, "Delete my account"), dialog)),
    };
  },
};

function show() {
  const wanted = new URLSearchParams(location.search).get("view");
  const name = Object.hasOwn(VIEWS, wanted) ? wanted : "profile";
  const { title, body } = VIEWS[name]();
  document.title = `${title} · Cairn & Pine`;
  $("#view").replaceChildren(h("h1", {}, title), body);
  for (const link of $$("[data-view]")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

$(".side-nav").addEventListener("click", (event) => {
  const link = event.target.closest("[data-view]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (link.href !== location.href) history.pushState(null, "", link.href);
  show();
});
addEventListener("popstate", show);
show();
