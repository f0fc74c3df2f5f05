// Builds what the pages of figures need into ../static/dashboards/dist/:
// our small loader, and Plotly's basic bundle under a stable name.
// Nothing here is fetched from another host when a page is shown.
import { build } from "esbuild";
import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("../static/dashboards/dist/");

await mkdir(target, { recursive: true });
await build({
  entryPoints: [here("src/figures.ts")],
  outfile: `${target}figures.js`,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  legalComments: "none",
});
const from = here("node_modules/plotly.js-basic-dist-min/");
await copyFile(`${from}plotly-basic.min.js`, `${target}plotly-basic.min.js`);
await copyFile(`${from}LICENSE`, `${target}plotly-basic.LICENSE.txt`);
