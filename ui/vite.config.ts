import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const fixtures = process.env.DESK_URL ?? "http://127.0.0.1:8787";

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  server: { proxy: { "/desk": fixtures } },
  preview: { proxy: { "/desk": fixtures } },
  // The window's engine: WebKitGTK 2.44 and newer, WebView2, WKWebView of the same age.
  build: { target: ["safari17.4", "chrome123"], assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
  },
});
