// What axe finds wrong with a page: contrast, names, roles. The page's context must be made
// with `bypassCSP`, because axe is put into it; and with `reducedMotion`, or colours are
// measured halfway.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations in `page`, in words; frames are left out, they hold recordings. `rules` are those that are tried, if not all. */
export async function violations(page, rules) {
  await page.evaluate(AXE);
  return page.evaluate(async (runOnly) => {
    const { violations: found } = await window.axe.run(document, { resultTypes: ['violations'], iframes: false, ...(runOnly && { runOnly }) });
    return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
  }, rules);
}

/** The same of a dashboard that is light, and then of its dark colours: names and roles have none. */
export async function violationsInBothThemes(page) {
  const found = await violations(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  // Chromium leaves some elements in the colours of before until something that they inherit is
  // another; and backgrounds of buttons go over into one another, also where motion is reduced.
  await page.evaluate(async () => {
    document.documentElement.style.setProperty('--theme', 'dark');
    const next = () => new Promise(requestAnimationFrame);
    const going = () => document.getAnimations().some((animation) => animation instanceof CSSTransition);
    do await next(); while (going());
  });
  const dark = await violations(page, ['color-contrast']);
  await page.emulateMedia({ colorScheme: 'light' });
  return [...found, ...dark.map((said) => `dark: ${said}`)];
}
