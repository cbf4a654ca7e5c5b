// Starts the dashboard: its wasm module does everything else. The same file is the
// script of the worker that decodes recordings.
import init, { start } from '../pkg/dashboard.js';
import { decode } from './decode';

/** Files relative to index.html, named by the build. */
declare const SENTIERO_DASHBOARD_WASM: string;
declare const SENTIERO_PLAYER_FILE: string;
declare const SENTIERO_VIEWER_FILE: string;

const absolute = (file: string): string => new URL(file, document.baseURI).href;

/** Says so in the page, since no other code runs. */
function failed(error: unknown): void {
  console.error(error);
  const text = document.getElementById('boot-text');
  if (text !== null) {
    text.textContent =
      'The dashboard could not start. It needs WebAssembly; reload the page, or try another browser.';
    text.setAttribute('role', 'alert');
  }
}

function page(): void {
  // Before the module is here, so that the page does not change colour.
  try {
    const theme = localStorage.getItem('sentiero-theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  } catch {
    // Storage is off: the system's colours it is.
  }
  init({ module_or_path: absolute(SENTIERO_DASHBOARD_WASM) })
    .then(() => start(absolute(SENTIERO_PLAYER_FILE), absolute(SENTIERO_VIEWER_FILE), import.meta.url))
    .catch(failed);
}

if (typeof document === 'undefined') decode();
else page();
