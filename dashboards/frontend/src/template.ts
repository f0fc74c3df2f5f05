/* How every chart looks and behaves; Python sends data only (a template is 92 % of the bytes). */

export const CONFIG: Record<string, unknown> = {
  responsive: true,
  displaylogo: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  topojsonURL: "",
  modeBarButtonsToRemove: ["select2d", "lasso2d"],
  scrollZoom: false,
  doubleClick: "reset",
  locale: document.documentElement.lang.slice(0, 2) === "km" ? "km" : "en",
};

/** The colours that Python writes, and what they are on a dark screen (pages/dark.css). */
const ON_DARK: Record<string, string> = {
  "#1c1b1a": "#f0ece6",
  "#55504a": "#b9b3aa",
  "#d9d2c7": "#3b444c",
  "#12466b": "#8fc4ec",
  "#9a4300": "#f2a964",
  "#857c70": "#8f989f",
  "#c9c1b4": "#59636b",
  "#ffffff": "#1d2328",
};

export const darkScreen = window.matchMedia("screen and (prefers-color-scheme: dark)");

/** Return the same value with our colours adapted to the screen it is shown on. */
export function recolour<T>(value: T, dark: boolean): T {
  if (!dark) return value;
  if (typeof value === "string") return (ON_DARK[value.toLowerCase()] ?? value) as T;
  if (Array.isArray(value)) return value.map((part: unknown) => recolour(part, dark)) as T;
  if (value !== null && typeof value === "object" && !ArrayBuffer.isView(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, recolour(part as unknown, dark)]),
    ) as T;
  }
  return value;
}

const INK = "#1c1b1a";
const QUIET = "#55504a";
const LINE = "#d9d2c7";

const AXIS = {
  automargin: true,
  gridcolor: LINE,
  zerolinecolor: LINE,
  linecolor: QUIET,
  ticks: "",
  title: { font: { color: QUIET } },
};

const TEMPLATE = {
  layout: {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: INK, size: 14 },
    colorway: ["#12466b", "#9a4300", "#55504a"],
    hoverlabel: { bgcolor: "#ffffff", bordercolor: QUIET, font: { color: INK }, align: "left" },
    xaxis: AXIS,
    yaxis: AXIS,
    geo: { bgcolor: "rgba(0,0,0,0)" },
    modebar: { bgcolor: "#ffffff", color: "#55504a", activecolor: "#12466b" },
  },
};

const NARROW = 480;
/** The names under a low chart take this many pixels more on a phone, where they stand in rows. */
const ROWS_OF_NAMES = 180;

/**
 * Return the layout from Python with our style: the page's own font, no drag (a page must scroll).
 */
export function dress(
  layout: Record<string, unknown>,
  figure: HTMLElement,
): Record<string, unknown> {
  const style = getComputedStyle(figure);
  const font = { family: style.fontFamily, ...(layout.font as object | undefined) };
  const dressed = { autosize: true, dragmode: false, template: TEMPLATE, ...layout, font };
  const { height, showlegend } = layout as { height?: number; showlegend?: boolean };
  if (showlegend && height && height < 400 && figure.clientWidth < NARROW) {
    return recolour({ ...dressed, height: height + ROWS_OF_NAMES }, darkScreen.matches);
  }
  return recolour(dressed, darkScreen.matches);
}
