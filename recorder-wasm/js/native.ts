/** Whether the browser itself does something for a click, whatever the page does. */
import { record } from '@rrweb/record';

const SERVED = 'input:not([type=button],[type=submit],[type=reset],[type=image]),textarea,select,option,video,audio,[download],[target=_blank]';

/**
 * 1 if the click on the node `id` is in a field, on a field's label, on media, starts a
 * download or opens another window, or ends a selection of text; else 0. The browser gives
 * the focus to buttons and links, too: that is no answer that a visitor sees.
 */
export function isServed(id: number): number {
  const node = record.mirror.getNode(id) as HTMLElement | null;
  const chosen = getSelection();
  return +!!(
    node?.isContentEditable ||
    node?.closest?.(SERVED) ||
    node?.closest?.('label')?.control ||
    (node && chosen && !chosen.isCollapsed && chosen.containsNode(node, true))
  );
}
