// What axe finds wrong with a page: contrast, names, roles. The page's context must be made
// with `bypassCSP`, because axe is put into it; and with `reducedMotion`, or colours are
// measured halfway.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations in `page`, in words; frames are left out, they hold recordings. */
export async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { resultTypes: ['violations'], iframes: false });
    return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
  });
}
