/** Whether somebody is there: what only a person does, whatever the page does by itself. */

/** A page cannot make these, but for pretending; then they are not trusted. */
const DEEDS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove'];

/** Calls `acted` with each deed, before anybody else hears of it. */
export function watchHuman(acted: () => void): void {
  const heard = (event: Event): void => {
    if (event.isTrusted) {
      acted();
    }
  };
  for (const deed of DEEDS) {
    addEventListener(deed, heard, { capture: true, passive: true });
  }
  document.addEventListener('visibilitychange', (event) => document.hidden || heard(event));
}
