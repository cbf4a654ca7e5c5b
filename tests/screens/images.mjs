// The pictures that README and docs show, as `cargo xtask screens --images` makes them.
// xtask/src/screens.rs has the test that each is in a document, and each that a document names
// is here.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../e2e/support.mjs';
import { packed } from './png.mjs';

/** Who reads a page of documentation waits for all of them. */
const MOST_BYTES = 250_000;

/** By the name of the file in docs/images: which screen, how wide, in which colours, how far scrolled. */
export const IMAGES = {
  'sessions.png': ['list', '1440', 'light'],
  'replay.png': ['replay', '1440', 'light'],
  'overview.png': ['report-overview', '1440', 'dark'],
  'heatmap.png': ['report-heatmap-over', '1440', 'light', 620],
  'funnel.png': ['report-funnel', '1440', 'light'],
  'phone.png': ['list', '390', 'light'],
};

/** Makes those of `screens`; `take` gives a screen's picture. What went wrong comes back. */
export async function images(screens, take) {
  const wrong = [];
  for (const [file, [name, width, theme, scrolled]] of Object.entries(IMAGES)) {
    const screen = screens.find((candidate) => candidate.name === name);
    if (!screen) continue;
    try {
      const png = packed(await take(screen, width, theme, scrolled));
      if (png.length > MOST_BYTES) throw new Error(`${png.length} bytes are too many`);
      writeFileSync(join(root, 'docs/images', file), png);
    } catch (error) {
      wrong.push(`${file}: ${error.message.split('\n')[0]}`);
    }
  }
  return wrong;
}
