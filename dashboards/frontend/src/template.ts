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

/** The layout from Python in our clothes: the page's own font, no drag (a page must scroll). */
export function dress(
  layout: Record<string, unknown>,
  figure: HTMLElement,
): Record<string, unknown> {
  const style = getComputedStyle(figure);
  const font = { family: style.fontFamily, ...(layout.font as object | undefined) };
  return { autosize: true, dragmode: false, template: TEMPLATE, ...layout, font };
}
