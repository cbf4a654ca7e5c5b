// What `vite build` does, with the defaults of a new project.
import { build } from 'vite';

await build({ root: import.meta.dirname, base: './', logLevel: 'error' });
