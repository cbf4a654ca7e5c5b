// Light or dark, as the dashboard keeps it: one choice for both.
const KEY = 'sentiero-theme';
const CHOICES = ['system', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];

function chosen(): Choice {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.find((choice) => choice === kept) ?? 'system';
  } catch {
    // Storage is off: the system's colours it is.
    return 'system';
  }
}

function keep(choice: Choice): void {
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // It holds for this page, then.
  }
}

function show(choice: Choice): void {
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
}

/** Before anything is painted, so that the page does not change colour. */
export function useTheme(): void {
  show(chosen());
}

/** Has `button` go round the choices. */
export function offerTheme(button: HTMLButtonElement): void {
  let choice = chosen();
  const tell = (): void => {
    button.textContent = `Colours: ${choice}`;
  };
  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? 'system';
    keep(choice);
    show(choice);
    tell();
  });
  tell();
  button.hidden = false;
}
