// The engine alone, as one plain script that sets `FormEngine`: for the server, which has no browser.
import { mkdirSync } from "node:fs";
import { build } from "esbuild";

const out = "../../forms/dist";
mkdirSync(out, { recursive: true });
await build({
  entryPoints: ["src/engine/index.ts"], bundle: true, minify: true, format: "iife", globalName: "FormEngine",
  target: "es2020", charset: "utf8", outfile: `${out}/engine.js`, logLevel: "warning",
});
