// <size-guide kind="clothing|footwear">: finds a size from one measure. An open shadow root with a
// constructable style sheet, which recorders have to look for on purpose.
import { h } from "./dom.js";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; font: inherit; color: inherit; }
  :host([hidden]) { display: none; }
  button { padding: 0.35rem 0; border: 0; background: none; color: var(--pine); font: inherit; font-size: 0.9063rem; font-weight: 600; text-decoration: underline; text-underline-offset: 0.2em; cursor: pointer; }
  button:focus-visible, input:focus-visible { outline: 3px solid var(--rust); outline-offset: 2px; border-radius: 4px; }
  .box { display: grid; gap: 0.5rem; margin-top: 0.4rem; padding: 1rem; border-radius: 12px; background: var(--pine-soft); }
  .box[hidden] { display: none; }
  label { font-size: 0.875rem; font-weight: 600; }
  .row { display: flex; gap: 0.75rem; align-items: center; }
  input { width: 7rem; min-height: 2.6rem; padding: 0.4rem 0.7rem; border: 1px solid var(--field); border-radius: 8px; background: var(--surface); color: var(--ink); font: inherit; }
  output { font-weight: 600; }
`);

const KINDS = {
  clothing: { label: "Your chest, in cm", example: 96, size: (cm) => ["XS", "S", "M", "L", "XL"][Math.min(4, Math.max(0, Math.ceil((cm - 86) / 7)))] },
  footwear: { label: "Your foot, in cm", example: 26, size: (cm) => String(Math.min(45, Math.max(38, Math.round((cm + 1.5) * 1.5)))) },
};

class SizeGuide extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const kind = KINDS[this.getAttribute("kind")] ?? KINDS.clothing;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const input = h("input", { id: "measure", type: "number", inputmode: "decimal", placeholder: kind.example, "data-testid": "size-guide-input" });
    const output = h("output", { for: "measure", "data-testid": "size-guide-result" });
    const box = h("div", { class: "box", id: "box", hidden: true }, h("label", { for: "measure" }, kind.label), h("div", { class: "row" }, input, output));
    const button = h("button", { type: "button", "aria-expanded": "false", "aria-controls": "box", "data-testid": "size-guide-open" }, "Which size am I?");
    root.append(button, box);
    button.addEventListener("click", () => {
      box.hidden = !box.hidden;
      button.setAttribute("aria-expanded", String(!box.hidden));
      if (!box.hidden) input.focus();
    });
    input.addEventListener("input", () => {
      const cm = input.valueAsNumber;
      const size = cm > 0 ? kind.size(cm) : null;
      output.textContent = size ? `Take ${size}` : "";
      if (size) this.dispatchEvent(new CustomEvent("size", { detail: size }));
    });
  }
}

customElements.define("size-guide", SizeGuide);
