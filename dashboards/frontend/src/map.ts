/* The map of places: zoom by buttons, keys and two fingers; each place tells its figure on touch.
 *
 * The page holds the whole map as SVG. A map of many places comes with one path for each kind
 * of result; here it gets a path for each place, from our own server. One finger still scrolls
 * the page. What a place says stands below the map in full, with a link to the place.
 */
type Box = [number, number, number, number];

interface Place {
  d: string;
  x: number;
  y: number;
  css: string;
  sign: string;
  standing: string;
  name: string;
  address: string;
  sentence: string;
}

const SVG = "http://www.w3.org/2000/svg";
const STEP = 1.5;
const CLOSEST = 24;

/** The visible part after zooming by ``factor`` (above 1: closer) around a point; never outside. */
export function zoomed(box: Box, full: Box, factor: number, at?: [number, number]): Box {
  const width = Math.min(full[2], Math.max(full[2] / CLOSEST, box[2] / factor));
  const height = (width / full[2]) * full[3];
  const [x, y] = at ?? [box[0] + box[2] / 2, box[1] + box[3] / 2];
  const left = x - ((x - box[0]) / box[2]) * width;
  const top = y - ((y - box[1]) / box[3]) * height;
  return inside([left, top, width, height], full);
}

/** The visible part moved by shares of itself, kept inside the whole. */
export function moved(box: Box, full: Box, right: number, down: number): Box {
  return inside([box[0] + right * box[2], box[1] + down * box[3], box[2], box[3]], full);
}

function inside(box: Box, full: Box): Box {
  const x = Math.min(Math.max(box[0], full[0]), full[0] + full[2] - box[2]);
  const y = Math.min(Math.max(box[1], full[1]), full[1] + full[3] - box[3]);
  return [x, y, box[2], box[3]];
}

const KEYS: Record<string, (box: Box, full: Box) => Box> = {
  "+": (box, full) => zoomed(box, full, STEP),
  "=": (box, full) => zoomed(box, full, STEP),
  "-": (box, full) => zoomed(box, full, 1 / STEP),
  "0": (_box, full) => full,
  ArrowLeft: (box, full) => moved(box, full, -0.2, 0),
  ArrowRight: (box, full) => moved(box, full, 0.2, 0),
  ArrowUp: (box, full) => moved(box, full, 0, -0.2),
  ArrowDown: (box, full) => moved(box, full, 0, 0.2),
};

function adopt(figure: HTMLElement): void {
  const svg = figure.querySelector<SVGSVGElement>("svg.area-map");
  const frame = figure.querySelector<HTMLElement>(".map-frame");
  if (!svg || !frame || figure.dataset.state) return;
  figure.dataset.state = "map";
  const full = (svg.dataset.box ?? "").split(" ").map(Number) as Box;
  let box = full;
  const show = (next: Box): void => {
    box = next;
    svg.setAttribute("viewBox", box.join(" "));
    // letters and lines keep their size while the map grows
    svg.style.setProperty("--scale", String(box[2] / full[2]));
    frame.style.touchAction = box[2] < full[2] ? "none" : "pan-y";
  };
  frame.style.touchAction = "pan-y";
  for (const button of figure.querySelectorAll<HTMLButtonElement>("[data-zoom]")) {
    button.addEventListener("click", () => {
      const kind = button.dataset.zoom;
      show(kind === "all" ? full : zoomed(box, full, kind === "in" ? STEP : 1 / STEP));
    });
  }
  figure.querySelector<HTMLElement>(".map-tools")?.removeAttribute("hidden");
  frame.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    // arrows scroll the page until somebody has zoomed in
    if (event.key.startsWith("Arrow") && box[2] >= full[2]) return;
    event.preventDefault();
    show(act(box, full));
  });
  followFingers(frame, () => box, full, show);
  tell(figure, svg);
  if (!svg.querySelector("a")) void fill(figure, svg);
}

/** Two fingers zoom and move; one finger, or a mouse, moves a map that is zoomed in. */
function followFingers(
  frame: HTMLElement,
  now: () => Box,
  full: Box,
  show: (box: Box) => void,
): void {
  const fingers = new Map<number, [number, number]>();
  const spread = (): number => {
    const [a, b] = [...fingers.values()];
    return a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0;
  };
  frame.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [box, size, wide] = [now(), frame.getBoundingClientRect(), spread()];
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2 && wide > 0) {
      const [a, b] = [...fingers.values()] as [[number, number], [number, number]];
      const at: [number, number] = [
        box[0] + (((a[0] + b[0]) / 2 - size.left) / size.width) * box[2],
        box[1] + (((a[1] + b[1]) / 2 - size.top) / size.height) * box[3],
      ];
      show(zoomed(box, full, spread() / wide, at));
    } else if (fingers.size === 1 && box[2] < full[2]) {
      const right = (before[0] - event.clientX) / size.width;
      show(moved(box, full, right, (before[1] - event.clientY) / size.height));
    }
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    frame.addEventListener(end, (event) => fingers.delete((event as PointerEvent).pointerId));
  }
}

/** Show a place's text in full below the map when it is pointed at, tapped or reached by key. */
function tell(figure: HTMLElement, svg: SVGSVGElement): void {
  const here = figure.querySelector<HTMLElement>("[data-place-sentence]");
  if (!here) return;
  const say = (event: Event): void => {
    const link = (event.target as Element).closest<SVGAElement>("a[aria-label]");
    if (!link) return;
    const open = document.createElement("a");
    open.href = link.getAttribute("href") ?? "";
    open.textContent = link.getAttribute("aria-label");
    here.replaceChildren(open);
  };
  for (const name of ["pointerover", "focusin"]) svg.addEventListener(name, say);
  svg.addEventListener("click", (event) => {
    // the first tap shows the text; the link below opens the place
    if ((event as PointerEvent).pointerType === "mouse") return;
    if ((event.target as Element).closest("a[aria-label]")) event.preventDefault();
    say(event);
  });
}

/** Replace the paths of kinds of result by a path for each place. */
async function fill(figure: HTMLElement, svg: SVGSVGElement): Promise<void> {
  const answer = await fetch(figure.dataset.map ?? "", { credentials: "same-origin" });
  if (!answer.ok) return;
  const { places } = (await answer.json()) as { places: Place[] };
  const group = document.createElementNS(SVG, "g");
  for (const place of places) {
    const link = document.createElementNS(SVG, "a");
    link.setAttribute("href", place.address);
    link.setAttribute("tabindex", "-1"); // the table below is the list for keys
    link.setAttribute("aria-label", place.sentence);
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", place.d);
    path.setAttribute("class", `area ${place.css}`);
    link.append(path);
    group.append(link);
  }
  svg.querySelectorAll(":scope > path.area").forEach((path) => path.remove());
  svg.querySelector("defs")?.after(group);
  figure.dispatchEvent(new CustomEvent("map:filled", { bubbles: true }));
}

/** Maps in ``root``, each once. */
export function adoptMaps(root: ParentNode): void {
  root.querySelectorAll<HTMLElement>("[data-map]").forEach(adopt);
}
