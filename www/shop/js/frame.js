// Invented shops: the postcode decides what they have, so that the same one always answers the same.
import { $, h } from "./dom.js";

const SHOPS = ["Bolzano, Via dei Portici", "Innsbruck, Maria-Theresien-Straße", "Chamonix, Rue du Docteur Paccard", "Keswick, Lake Road"];

$("#form").addEventListener("submit", (event) => {
  event.preventDefault();
  const postcode = $("#postcode").value.trim();
  const good = postcode.length >= 3;
  $("#error").textContent = good ? "" : "A postcode has at least three characters.";
  const seed = [...postcode].reduce((sum, letter) => sum + letter.codePointAt(0), 0);
  $("#stores").replaceChildren(...(good ? SHOPS.map((shop, i) => {
    const count = (seed * (i + 3)) % 6;
    return h("li", { class: count ? "" : "none" }, h("span", {}, shop), h("b", {}, count ? `${count} in stock` : "None today"));
  }) : []));
});
