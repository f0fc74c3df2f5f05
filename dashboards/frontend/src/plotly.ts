/* Plotly, loaded once and only from our own static files. */
import { KHMER } from "./khmer";

export interface Figure {
  data: unknown[];
  layout: Record<string, unknown>;
}

export interface Plotly {
  react(
    place: HTMLElement,
    data: unknown[],
    layout: Record<string, unknown>,
    config: Record<string, unknown>,
  ): Promise<unknown>;
  purge(place: HTMLElement): void;
  register(parts: unknown): void;
}

declare global {
  interface Window {
    Plotly?: Plotly;
    PlotlyGeoAssets?: unknown;
  }
}

let loading: Promise<Plotly> | undefined;

/** The bundle of that kind, or whichever is here already: "geo" holds all that "basic" draws. */
export function loadPlotly(kind: "basic" | "geo"): Promise<Plotly> {
  loading ??= fetchBundle(kind).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

function fetchBundle(kind: "basic" | "geo"): Promise<Plotly> {
  // Without this Plotly asks its own host for a map of the world before drawing ours.
  window.PlotlyGeoAssets = {
    topojson: { world_110m: { type: "Topology", objects: {}, arcs: [] } },
  };
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    // The page names both files (they carry a hash of their content where served for real).
    const named = document.querySelector<HTMLElement>("[data-plotly-basic]")?.dataset;
    const address = kind === "geo" ? named?.plotlyGeo : named?.plotlyBasic;
    if (!address) return reject(new Error("the page names no Plotly bundle"));
    script.src = address;
    script.async = true;
    script.onload = () => {
      if (!window.Plotly) return reject(new Error("Plotly did not load"));
      window.Plotly.register(KHMER);
      resolve(window.Plotly);
    };
    script.onerror = () => {
      script.remove();
      reject(new Error(`no ${script.src}`));
    };
    document.head.append(script);
  });
}
