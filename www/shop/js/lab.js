// Trouble, but only when a button is pressed.
import { $, byTest, h } from "./dom.js";

const on = (id, action) => byTest(id).addEventListener("click", action);

// Errors

class OutOfGasError extends Error {
  name = "OutOfGasError";
}

function lightStove(canister) {
  return canister.valve.open();
}

on("throw-error", () => lightStove({}));
on("reject", () => { Promise.reject(new OutOfGasError("The canister is empty")); });
on("throw-loop", () => {
  for (let i = 0; i < 50; i += 1) setTimeout(() => { throw new OutOfGasError("The canister is still empty"); });
});

// Console and network

on("console-error", () => console.error("The pole does not fit the sleeve", { pole: 3, sleeve: "left" }));
on("console-warn", () => console.warn("Rain is likely after four"));
on("fetch-missing", async () => {
  const response = await fetch("/shop/no-such-file.json");
  $("#fetch-output").textContent = `Answered with ${response.status}`;
});

// Mutation flood

const TICK_MS = 20;
const cells = Array.from({ length: 200 }, () => h("i"));
$("#flood").append(...cells);
let flood = null;

function mutate(n) {
  const cell = cells[(n * 7) % cells.length];
  if (n % 3 === 0) cell.dataset.heat = (n / 3) % 4;
  else if (n % 3 === 1) cell.textContent = n % 100;
  else if (cell.firstElementChild) cell.replaceChildren();
  else cell.append(h("b", {}, "·"));
}

function stopFlood() {
  clearInterval(flood);
  flood = null;
  byTest("flood-start").disabled = false;
  byTest("flood-stop").disabled = true;
}

on("flood-start", () => {
  const rate = Math.min(5000, Math.max(1, $("#flood-rate").valueAsNumber || 200));
  const seconds = Math.min(600, Math.max(1, $("#flood-seconds").valueAsNumber || 10));
  const started = performance.now();
  let done = 0;
  byTest("flood-start").disabled = true;
  byTest("flood-stop").disabled = false;
  clearInterval(flood);
  flood = setInterval(() => {
    const elapsed = Math.min(seconds, (performance.now() - started) / 1000);
    for (const due = Math.floor(elapsed * rate); done < due; done += 1) mutate(done);
    $("#flood-output").textContent = `${done} changes`;
    if (elapsed === seconds) stopFlood();
  }, TICK_MS);
});
on("flood-stop", stopFlood);

// Many nodes

const NODES = 5000;

function showNodes() {
  $("#nodes-output").textContent = `${$("#nodes").childElementCount} nodes`;
}

on("insert-nodes", () => {
  const offset = $("#nodes").childElementCount;
  const fragment = document.createDocumentFragment();
  for (let i = 1; i <= NODES; i += 1) fragment.append(h("span", { "data-n": offset + i }, `stone ${offset + i}`));
  $("#nodes").append(fragment);
  showNodes();
});
on("remove-nodes", () => {
  $("#nodes").replaceChildren();
  showNodes();
});

// Slow main thread

on("block-main", () => {
  const started = performance.now();
  while (performance.now() - started < 500);
  $("#block-output").textContent = `Blocked for ${Math.round(performance.now() - started)} ms`;
});

// Tabs

on("open-tab", () => window.open("/shop/catalogue.html", "_blank"));

// Sizes

on("resize-element", () => $("#resizable").classList.toggle("grown"));
new ResizeObserver(([entry]) => {
  const { width, height } = entry.contentRect;
  $("#resize-output").textContent = `${Math.round(width)} × ${Math.round(height)}`;
}).observe($("#resizable"));

// Details and dialog

on("dialog-open", () => $("#dialog").showModal());

// Canvas

const canvas = $("#canvas");
const pen = canvas.getContext("2d");
pen.lineWidth = 4;
pen.lineCap = "round";
pen.strokeStyle = "#24553f";

function at(event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pen.beginPath();
  pen.moveTo(...at(event));
});
canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  pen.lineTo(...at(event));
  pen.stroke();
});
on("canvas-clear", () => pen.clearRect(0, 0, canvas.width, canvas.height));
on("canvas-draw", () => {
  let x = 0;
  let y = canvas.height * 0.6;
  function step() {
    pen.beginPath();
    pen.moveTo(x, y);
    x += 8;
    y = Math.min(canvas.height - 20, Math.max(40, y + (Math.random() - 0.5) * 50));
    pen.lineTo(x, y);
    pen.stroke();
    if (x < canvas.width) requestAnimationFrame(step);
  }
  step();
});

// CSS from script

const RULES = [
  "#ruled { background: #24553f; color: #ffffff; }",
  "#ruled { border-radius: 999px; letter-spacing: 0.08em; }",
  "#ruled { background: #a9431c; }",
  "@media (min-width: 1px) { #ruled { box-shadow: 0 8px 24px rgb(0 0 0 / 25%); } }",
];
const style = h("style");

/** Applies one change to the script's own style sheet, given the number of its rules. */
function changeRules(change) {
  if (!style.isConnected) document.head.append(style);
  if (!style.sheet) {
    $("#rules-output").textContent = "forbidden by this page’s policy";
    return;
  }
  change(style.sheet, style.sheet.cssRules.length);
  $("#rules-output").textContent = `${style.sheet.cssRules.length} rules`;
}

on("insert-rule", () => changeRules((sheet, count) => sheet.insertRule(RULES[count % RULES.length], count)));
on("delete-rule", () => changeRules((sheet, count) => count && sheet.deleteRule(count - 1)));

// Adopted style sheets

function constructed(rules) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  return sheet;
}

const THEMES = [
  ["dusk", constructed("#adopted { background: #2a3852; color: #f6e7c8; }")],
  ["larch", constructed("#adopted { background: #f3cb72; color: #33260d; }")],
];
let theme = -1;

on("adopt-sheet", () => {
  theme = theme === THEMES.length - 1 ? -1 : theme + 1;
  document.adoptedStyleSheets = theme < 0 ? [] : [THEMES[theme][1]];
  $("#adopted-output").textContent = theme < 0 ? "no sheet" : `sheet “${THEMES[theme][0]}”`;
});
on("replace-sheet", async () => {
  if (theme < 0) byTest("adopt-sheet").click();
  const hue = Math.floor(Math.random() * 360);
  await THEMES[theme][1].replace(`#adopted { background: hsl(${hue} 45% 25%); color: #ffffff; border-style: dashed; }`);
});
