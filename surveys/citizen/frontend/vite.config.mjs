import { defineConfig } from "vite";

// One script and one style for the first load; sealing and QR codes come when they are needed.
export default defineConfig({
  base: "/static/citizen/dist/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2020",
    outDir: "../static/citizen/dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
