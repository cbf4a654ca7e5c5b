// What `vite build` does. The JSX is esbuild's: the usual plugin only adds reloading in
// development.
import { build } from 'vite';

await build({ root: import.meta.dirname, logLevel: 'error', esbuild: { jsx: 'automatic' } });
