// Pictures of every screen in every state, at three widths, light and dark, for people to look
// at: `cargo xtask screens`. No test: nothing here decides whether a picture is good.
//
//   node tests/screens/main.mjs [--only PART]... [--width N]... [--theme light|dark]...
//   node tests/screens/main.mjs --images [--only PART]...
//
// Writes target/screens/SCREEN-WIDTH-THEME.png, and sheet-SCREEN.png with all of a screen; or
// the pictures of docs/images, see images.mjs. What cannot be made is reported, and the rest is
// made.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, root } from '../e2e/support.mjs';
import { onFakeApi } from './fake.mjs';
import { IMAGES, images } from './images.mjs';
import { onWorker } from './worker.mjs';

const OUT = join(root, 'target/screens');
const HEIGHTS = { 1440: 900, 1024: 768, 390: 844 };
/** Pictures at a time. */
const AT_ONCE = 2;

function options() {
  const several = (values) => ({ type: 'string', multiple: true, default: values });
  const { values } = parseArgs({ options: { images: { type: 'boolean', default: false }, only: several([]), width: several(Object.keys(HEIGHTS)), theme: several(['light', 'dark']) } });
  const unknown = values.width.find((width) => !HEIGHTS[width]);
  if (unknown) throw new Error(`--width takes ${Object.keys(HEIGHTS).join(', ')}, not ${unknown}`);
  return values;
}

const fileOf = ({ name }, width, theme) => `${name}-${width}-${theme}.png`;

/** Text that sticks out of the window, though nobody can scroll to it, and a page that scrolls sideways. */
function sticksOut() {
  const isHeld = (element) => {
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.overflowX !== 'visible' || style.position === 'fixed') return true;
    }
    return false;
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const out = [...document.body.querySelectorAll('*')].filter((element) => {
    const box = element.getBoundingClientRect();
    return hasText(element) && box.width > 0 && box.right > innerWidth + 1 && !isHeld(element);
  });
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls sideways'] : [];
  return [...wide, ...out.map((element) => `“${element.textContent.trim().slice(0, 40)}” sticks out`)];
}

/** One picture, and what is wrong with it as far as a program can tell. */
async function shoot(browser, screen, width, theme, { whole = screen.whole ?? false, path, scrolled = 0 } = {}) {
  const viewport = { width: Number(width), height: HEIGHTS[width] };
  const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' });
  context.setDefaultTimeout(20_000);
  try {
    const page = await context.newPage();
    const wrong = [];
    page.on('pageerror', (error) => wrong.push(`thrown: ${error.message}`));
    await screen.show(page, context);
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    await page.evaluate((top) => scrollTo(0, top), scrolled);
    const png = await page.screenshot({ path, animations: 'disabled', fullPage: whole });
    return { png, wrong: [...wrong, ...(await page.evaluate(sticksOut))] };
  } finally {
    await context.close();
  }
}

/** All pictures of a screen; what is wrong with them. */
async function all(browser, screen, given) {
  const tasks = given.width.flatMap((width) => given.theme.map((theme) => [width, theme]));
  const report = [];
  const work = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      const path = join(OUT, fileOf(screen, ...task));
      const { wrong } = await shoot(browser, screen, ...task, { path }).catch((error) => ({ wrong: [`no picture: ${error.message.split('\n')[0]}`] }));
      report.push(...wrong.map((what) => `${fileOf(screen, ...task)}: ${what}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return report;
}

/** All pictures of a screen on one, for a first look. */
async function sheet(browser, screen, { width: widths, theme: themes }) {
  const image = (width, theme) => {
    try {
      return `<img src="data:image/png;base64,${readFileSync(join(OUT, fileOf(screen, width, theme))).toString('base64')}" style="height:${screen.whole ? 1200 : 620}px;margin:4px;vertical-align:top">`;
    } catch {
      return '';
    }
  };
  if (!widths.some((width) => themes.some((theme) => image(width, theme)))) return;
  const rows = themes.map((theme) => `<div style="white-space:nowrap">${widths.map((width) => image(width, theme)).join('')}</div>`);
  const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
  await page.setContent(`<body style="margin:0;background:#777;width:fit-content">${rows.join('')}`);
  await page.locator('body').screenshot({ path: join(OUT, `sheet-${screen.name}.png`) });
  await page.close();
}

/** The pictures of the documents. */
async function ofDocuments(browser, screens) {
  const take = async (screen, width, theme, scrolled) => {
    const { png, wrong } = await shoot(browser, screen, width, theme, { whole: false, scrolled });
    if (wrong.length) throw new Error(wrong.join('; '));
    return png;
  };
  return images(screens, take);
}

/** The pictures to look at. */
async function toLookAt(browser, screens, given) {
  const report = [];
  for (const screen of screens) {
    report.push(...(await all(browser, screen, given)));
    await sheet(browser, screen, given).catch((error) => report.push(`sheet-${screen.name}.png: ${error.message.split('\n')[0]}`));
  }
  return report;
}

async function main() {
  const given = options();
  mkdirSync(OUT, { recursive: true });
  const inDocuments = new Set(Object.values(IMAGES).map(([name]) => name));
  const isLooked = ({ name }) => !given.only.length || given.only.some((part) => name.includes(part));
  const wanted = (screen) => isLooked(screen) && (!given.images || inDocuments.has(screen.name));
  const report = [];
  const browser = await launch();
  try {
    for (const group of [onFakeApi, onWorker]) {
      const screens = group.screens.filter(wanted);
      if (!screens.length) continue;
      const scene = await group.start(screens, given.images).catch((error) => report.push(`nothing ${group.title}: ${error.message.split('\n')[0]}`) && undefined);
      if (!scene) continue;
      try {
        const staged = screens.map((screen) => ({ ...screen, show: (page, context) => screen.show(page, scene, context) }));
        const wrong = await (given.images ? ofDocuments(browser, staged) : toLookAt(browser, staged, given));
        for (const what of wrong) console.log(what);
        report.push(...wrong);
        console.log(`${screens.length} screens ${group.title}`);
      } finally {
        await scene.close();
      }
    }
  } finally {
    await browser.close();
  }
  writeFileSync(join(OUT, 'report.txt'), report.map((line) => `${line}\n`).join(''));
  console.log(`pictures are in ${given.images ? 'docs/images' : OUT}`);
  if (report.length) process.exitCode = 1;
}

await main();
