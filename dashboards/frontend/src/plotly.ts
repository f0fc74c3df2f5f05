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
  }
}

let loading: Promise<Plotly> | undefined;

/** The basic bundle: points, lines and bars. Maps are SVG and need none. */
export function loadPlotly(): Promise<Plotly> {
  loading ??= fetchBundle().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

function fetchBundle(): Promise<Plotly> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    // The page names the file (it carries a hash of its content where served for real).
    const named = document.querySelector<HTMLElement>("[data-plotly-basic]")?.dataset;
    const address = named?.plotlyBasic;
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
