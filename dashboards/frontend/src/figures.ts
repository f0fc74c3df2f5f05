/*
 * Places figures that Python built. A page is complete without this file: each
 * figure already holds a drawing (SVG) and its numbers (a table). This turns the
 * drawing into a Plotly chart when it comes into view on a good connection, or
 * when somebody asks for it, and never fetches anything from another host.
 */
import { adoptMaps } from "./map";
import { loadPlotly } from "./plotly";
import { CONFIG, darkScreen, dress, recolour } from "./template";
import type { Figure } from "./plotly";

const SELECTOR = "[data-figure]";
const live = new WeakMap<Element, HTMLElement>();

/** True where the connection is metered or slow, so that 400 kB for a nicer chart are too much. */
function isThrifty(): boolean {
  const connection = (
    navigator as { connection?: { saveData?: boolean; effectiveType?: string } }
  ).connection;
  return Boolean(
    connection && (connection.saveData || /2g|3g/.test(connection.effectiveType ?? "")),
  );
}

async function fetchFigure(url: string): Promise<Figure> {
  const answer = await fetch(url, {
    credentials: "same-origin",
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
  return (await answer.json()) as Figure;
}

/** Draw one figure in place of its first drawing; on failure the drawing stays. */
async function bringToLife(figure: HTMLElement): Promise<void> {
  if (figure.dataset.state === "loading" || figure.dataset.state === "live") return;
  figure.dataset.state = "loading";
  try {
    const [plotly, content] = await Promise.all([
      loadPlotly(),
      fetchFigure(figure.dataset.figure ?? ""),
      document.fonts.ready,
    ]);
    if (!figure.isConnected) return;
    await draw(plotly, figure, content);
  } catch (error) {
    figure.dataset.state = "failed";
    figure.dispatchEvent(new CustomEvent("figure:failed", { bubbles: true, detail: String(error) }));
  }
}

async function draw(
  plotly: Awaited<ReturnType<typeof loadPlotly>>,
  figure: HTMLElement,
  content: Figure,
): Promise<void> {
  const first = figure.querySelector<HTMLElement>("[data-first]");
  const place = document.createElement("div");
  place.className = "figure-live";
  if (first) first.after(place);
  else figure.append(place);
  // Measured while the first drawing is still there, so that nothing jumps.
  place.style.minHeight = `${first?.offsetHeight ?? 0}px`;
  const paint = () =>
    plotly.react(
      place,
      recolour(content.data, darkScreen.matches),
      dress(content.layout, figure),
      CONFIG,
    );
  await paint();
  // When a device is switched to dark, the chart follows, as the page does.
  darkScreen.addEventListener("change", () => {
    if (place.isConnected) void paint();
  });
  if (first) first.hidden = true;
  place.style.minHeight = "";
  live.set(figure, place);
  figure.dataset.state = "live";
  figure.querySelector<HTMLElement>("[data-enliven]")?.setAttribute("hidden", "");
  followLinks(place);
  figure.dispatchEvent(new CustomEvent("figure:live", { bubbles: true }));
}

/** A mark that carries an address (customdata) opens it. */
function followLinks(place: HTMLElement): void {
  type Point = { customdata?: unknown };
  const plot = place as HTMLElement & {
    on?: (name: string, listener: (event: { points: Point[] }) => void) => void;
  };
  plot.on?.("plotly_click", ({ points }) => {
    const address = points[0]?.customdata;
    if (typeof address === "string" && address.startsWith("/") && !address.startsWith("//")) {
      window.location.assign(address);
    }
  });
}

async function letGo(figure: Element): Promise<void> {
  const place = live.get(figure);
  if (!place) return;
  live.delete(figure);
  (await loadPlotly()).purge(place);
}

const inView = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      inView.unobserve(entry.target);
      void bringToLife(entry.target as HTMLElement);
    }
  },
  { rootMargin: "100px" },
);

function adopt(figure: HTMLElement): void {
  if (figure.dataset.state) return;
  figure.dataset.state = "still";
  figure.tabIndex = 0; // reached by keyboard: its name and its sentence are read, its buttons follow
  const button = figure.querySelector<HTMLButtonElement>("[data-enliven]");
  button?.addEventListener("click", () => void bringToLife(figure));
  if (isThrifty()) button?.removeAttribute("hidden");
  else inView.observe(figure);
}

function each(node: Node, act: (figure: HTMLElement) => void): void {
  if (!(node instanceof HTMLElement)) return;
  if (node.matches(SELECTOR)) act(node);
  node.querySelectorAll<HTMLElement>(SELECTOR).forEach(act);
}

function start(): void {
  each(document.body, adopt);
  adoptMaps(document);
  // Results are replaced in place when the form changes: set up the new ones, release the old.
  new MutationObserver((changes) => {
    for (const change of changes) {
      change.removedNodes.forEach((node) => each(node, (figure) => void letGo(figure)));
      change.addedNodes.forEach((node) => each(node, adopt));
      if (change.addedNodes.length) adoptMaps(document);
    }
  }).observe(document.body, { childList: true, subtree: true });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
