import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
const tauri = { group: ['@tauri-apps/*'], message: 'Only backend/tauri.ts talks to the window.' };
const domain = {
  group: ['**/session/*', '**/backend/*', '../transport/*', '../sequencer/*', '../peers/*', '../beats/*', '../app/*'],
  message: 'Shared components know nothing of the domain.',
};
const view = { group: ['**/components/**', '**/views/**'], message: 'Stores and pure code import no components.' };

export default ts.config(
  { ignores: ['dist', 'dist-fake', 'src/backend/generated'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['e2e/**'], languageOptions: { globals: { ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
  },
  { files: ['src/**'], rules: {
      'no-undef': 'off',
      // Collections are values here: replaced whole in $state.raw, never changed in place behind a reader's back.
      'svelte/prefer-svelte-reactivity': 'off',
       'max-lines': ['error', 300], eqeqeq: 'error', 'no-eval': 'error', ...restrict(tauri) } },
  { files: ['src/components/shared/**'], rules: restrict(tauri, domain) },
  { files: ['src/session/**', 'src/lib/**'], rules: restrict(tauri, view) },
  { files: ['src/backend/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
);
