import { defineConfig } from "vite";

// The first screen's script and style, the interviews, and the form engine alone (so that tests can
// run the very file that tablets run). Names carry their hash, so an old page keeps its old files
// until the service worker has the new ones.
export default defineConfig({
  base: "/static/tablet/dist/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2020",
    outDir: "../static/tablet/dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: "index.html", engine: "src/engine/tablet.ts" },
      preserveEntrySignatures: "allow-extension",
      output: { codeSplitting: true, entryFileNames: "assets/[name]-[hash].js" },
    },
  },
});
