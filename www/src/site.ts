// The landing page's script: colours, the copy button, the replay. It can be read without it.
import { offerReplay } from './replay';
import { offerTheme, useTheme } from './theme';

useTheme();

/** Copies what `source` says. */
function offerCopy(button: HTMLButtonElement, source: HTMLElement): void {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(source.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      // No permission: leave the tag selected, ready for the keyboard.
      getSelection()?.selectAllChildren(source);
      button.textContent = 'Selected';
    }
    setTimeout(() => (button.textContent = 'Copy'), 2_000);
  };
  button.addEventListener('click', () => void copy());
}

document.addEventListener('DOMContentLoaded', () => {
  const theme = document.querySelector<HTMLButtonElement>('button.theme');
  if (theme !== null) offerTheme(theme);
  const [button, tag] = [document.querySelector<HTMLButtonElement>('#copy'), document.querySelector<HTMLElement>('#tag')];
  if (button !== null && tag !== null) offerCopy(button, tag);
  const figure = document.querySelector<HTMLElement>('.replay');
  if (figure !== null) offerReplay(figure);
});
