// Two scripts are bundled apart: the worker, which is told what to keep, and the organisation's
// page of sealed reports, which is no part of the app.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { build } from "esbuild";

const dist = "../static/citizen/dist";
const common = { bundle: true, minify: true, target: "es2022", charset: "utf8" };
const files = readdirSync(dist, { recursive: true }).map(String).filter((name) => /\.(js|css)$/.test(name));
const hash = createHash("sha256");
const keep = files.sort().map((name) => `/static/citizen/dist/${name}`);
hash.update(readFileSync(`${dist}/index.html`));
for (const font of ["khmer-400", "khmer-700"]) {
  const file = `../../../platform/pages/static/pages/dist/${font}.woff2`;
  if (existsSync(file)) hash.update(readFileSync(file));
  keep.push(`/static/pages/dist/${font}.woff2`);
}
keep.push("/static/pages/mark.svg");

hash.update(readFileSync("src/worker.ts"));
await build({
  ...common, entryPoints: ["src/worker.ts"], outfile: `${dist}/sw.js`, format: "iife",
  define: { __KEEP__: JSON.stringify(keep), __VERSION__: JSON.stringify(hash.digest("hex").slice(0, 16)) },
});
await build({ ...common, entryPoints: ["src/open.ts"], outfile: `${dist}/open.js`, format: "iife" });
// for tests: the very arithmetic and dictionaries of the app, in Node
await build({ ...common, minify: false, entryPoints: ["src/pure.ts"], outfile: `${dist}/pure.mjs`, format: "esm" });
