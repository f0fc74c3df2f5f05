import { defineConfig } from "vitest/config";

// The tests of the engine, and of what both apps share: one run, with the one vitest there is.
export default defineConfig({
  root: "../../..",
  cacheDir: "surveys/tablet/frontend/node_modules/.vite",
  test: { include: ["surveys/tablet/frontend/tests/**/*.test.ts", "frontend/shared/tests/**/*.test.ts"] },
});
