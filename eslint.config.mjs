// What tsc cannot see: forgotten promises, dead code, undefined names in plain scripts.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const NODE = ['Buffer', 'URL', 'URLSearchParams', 'TextDecoder', 'TextEncoder', 'clearInterval',
  'clearTimeout', 'console', 'fetch', 'performance', 'process', 'setInterval', 'setTimeout',
  'setImmediate', 'structuredClone', 'AbortController', 'AbortSignal', 'Response', 'Request',
  'Headers', 'Blob', 'CompressionStream', 'DecompressionStream', 'atob', 'btoa', 'crypto'];

export default defineConfig(
  globalIgnores(['**/target*/', '**/pkg/', 'tests/fixtures/maps/', 'www/dist/', 'edge-worker/build/', '.wrangler/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['{recorder-wasm,dashboard}/js/**/*.ts', 'www/src/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // tsc reports these.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
      // Our objects are closures without `this`; their methods may be handed around.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(NODE.map((name) => [name, 'readonly'])) },
  },
  {
    // Functions in journeys, benches, screens and the demo run in a page; scripts of www are a page's own.
    files: ['tests/{e2e,benches,demo,screens}/**', 'www/**/*.js'],
    rules: { 'no-undef': 'off' },
  },
);
