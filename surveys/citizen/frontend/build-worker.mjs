// Two scripts are bundled apart: the worker, which is told what to keep, and the organisation's
// page of sealed reports, which is no part of the app.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const dist = "../static/citizen/dist";
const common = { bundle: true, minify: true, target: "es2022", charset: "utf8" };
const hash = createHash("sha256");
// the style stands in the page: nothing is drawn before it, so it is not asked for apart
const style = await build({ ...common, entryPoints: ["src/style.css"], write: false });
const page = readFileSync(`${dist}/index.html`, "utf8").replace("</head>", `  <style>${style.outputFiles[0].text.trim()}</style>
  </head>`);
writeFileSync(`${dist}/index.html`, page);
hash.update(page);
// the same pictures for the page that the server writes
copyFileSync("src/icons.json", `${dist}/icons.json`);
const files = readdirSync(dist, { recursive: true }).map(String).filter((name) => /\.(js|css)$/.test(name));
const keep = files.sort().map((name) => `/static/citizen/dist/${name}`);
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
