// Copies the Khmer font to where Django serves it; nothing is fetched by a visitor from elsewhere.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const font = join(here, "node_modules/@fontsource/noto-sans-khmer");
const dist = join(here, "../static/pages/dist");

mkdirSync(dist, { recursive: true });
for (const script of ["khmer", "latin"]) {
  for (const weight of [400, 700]) {
    copyFileSync(
      join(font, "files", `noto-sans-khmer-${script}-${weight}-normal.woff2`),
      join(dist, `${script}-${weight}.woff2`),
    );
  }
}
copyFileSync(join(font, "LICENSE"), join(dist, "OFL.txt"));
