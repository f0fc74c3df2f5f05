// Copies the Khmer font to where Django serves it; nothing is fetched by a visitor from elsewhere.
// What prints needs the same letters unpacked. Also the outline of Cambodia (Natural Earth,
// public domain), to which schematic maps are cut.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { feature } from "topojson-client";
import { decompress } from "wawoff2";

const here = dirname(fileURLToPath(import.meta.url));
const font = join(here, "node_modules/@fontsource/noto-sans-khmer");
const dist = join(here, "../static/pages/dist");

mkdirSync(dist, { recursive: true });
for (const script of ["khmer", "latin"]) {
  for (const weight of [400, 700]) {
    const packed = join(font, "files", `noto-sans-khmer-${script}-${weight}-normal.woff2`);
    copyFileSync(packed, join(dist, `${script}-${weight}.woff2`));
    writeFileSync(join(dist, `${script}-${weight}.ttf`), await decompress(readFileSync(packed)));
  }
}
copyFileSync(join(font, "LICENSE"), join(dist, "OFL.txt"));

const CAMBODIA = "116";
const atlas = JSON.parse(readFileSync(join(here, "node_modules/world-atlas/countries-10m.json")));
const countries = feature(atlas, atlas.objects.countries).features;
const outline = countries.find((country) => country.id === CAMBODIA).geometry;
writeFileSync(join(dist, "cambodia.json"), JSON.stringify(outline));
