import { defineConfig } from "vite";

// One script and one style; names carry their hash, so an old page keeps its old files until
// the service worker has the new ones.
export default defineConfig({
  base: "/static/tablet/dist/",
  resolve: { alias: { "node-forge": new URL("src/no-forge.ts", import.meta.url).pathname } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2020",
    outDir: "../static/tablet/dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: true } },
  },
});
