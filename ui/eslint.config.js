import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["dist/", "node_modules/", "isolation/", "src/bindings/"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
  },
  {
    rules: {
      // Text from platforms is hostile: it is rendered as text, never as markup.
      "svelte/no-at-html-tags": "error",
      // style="" in markup is refused by the content security policy; style: directives go through CSSOM.
      "no-restricted-syntax": ["error", { selector: 'SvelteAttribute[key.name="style"]', message: "the CSP refuses style attributes" }],
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    // The only door to the desk is host/.
    files: ["src/**"],
    ignores: ["src/host/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@tauri-apps/*"] }] },
  },
  { files: ["dev/**", "*.js"], languageOptions: { globals: { ...globals.node } }, rules: { "no-console": "off" } },
);
