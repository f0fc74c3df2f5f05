import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../words";

export function Screen(props: {
  title: string;
  onBack?: () => void;
  children: ComponentChildren;
  foot?: ComponentChildren;
}) {
  return (
    <>
      <header class="bar">
        {props.onBack && (
          <button type="button" class="bar__back" onClick={props.onBack} aria-label={t("back")}>‹</button>
        )}
        <h1>{props.title}</h1>
      </header>
      <main>{props.children}</main>
      {props.foot && <footer class="foot">{props.foot}</footer>}
    </>
  );
}

export function Notice(props: { kind?: "bad" | "good" | "plain"; children: ComponentChildren }) {
  return <p class={`notice notice--${props.kind ?? "plain"}`} role={props.kind === "bad" ? "alert" : "status"}>{props.children}</p>;
}

// Load a value from the tablet's store, again when `again` changes.
export function useLoaded<T>(load: () => Promise<T>, again: unknown[]): T | undefined {
  const [value, keep] = useState<T>();
  useEffect(() => {
    let here = true;
    void load().then((got) => here && keep(() => got));
    return () => {
      here = false;
    };
  }, again);
  return value;
}
