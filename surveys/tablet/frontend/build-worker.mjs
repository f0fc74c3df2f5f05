// The worker is bundled apart and told what to keep: the page, its script and style, the font.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, existsSync } from "node:fs";
import { build } from "esbuild";

const dist = "../static/tablet/dist";
const made = await build({
  entryPoints: ["src/worker.ts"], bundle: true, minify: true, write: false, format: "iife",
  target: "es2020", define: { "process.env.NODE_ENV": '"production"' },
});
const hash = (file) => createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
const files = readdirSync(dist, { recursive: true })
  .filter((name) => /\.(js|css)$/.test(name) && name !== "sw.js" && statSync(`${dist}/${name}`).isFile());
const keep = files.map((name) => ({ url: `/static/tablet/dist/${name}`, revision: null }));
keep.push({ url: "/tablet/", revision: hash(`${dist}/index.html`) });
const font = "../../../platform/pages/static/pages/dist/khmer-400.woff2";
if (existsSync(font)) keep.push({ url: "/static/pages/dist/khmer-400.woff2", revision: hash(font) });
const { writeFileSync } = await import("node:fs");
const text = made.outputFiles[0].text.replace("self.__WB_MANIFEST", JSON.stringify(keep));
writeFileSync(`${dist}/sw.js`, text);
console.log(`worker: ${keep.length} files kept`);
