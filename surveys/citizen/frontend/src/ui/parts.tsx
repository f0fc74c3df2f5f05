// Parts that every screen shares: a button to listen, a title, the services.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons";
import { book } from "../state";
import { fold } from "../text";
import { canSay, isPlaying, say } from "../voice";
import { own, t } from "../words";
import type { Service } from "../types";

export function Ear({ names, words }: { names: string[]; words: string }) {
  if (!names.every(canSay)) return null;
  const on = isPlaying(names.join(" "));
  return (
    <button type="button" class="ear" aria-pressed={on} data-say={names.join(" ")}
      aria-label={`${t(on ? "stop" : "listen")}: ${words}`} onClick={() => void say(names, words)}>
      <Icon name="ear" />
    </button>
  );
}

export function Screen({ title, back = "#/", children }: { title: string; back?: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · ${t("app")}`;
  }, [title]);
  return (
    <>
      <div class="crumb"><a href={back}>‹ {t("back")}</a></div>
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </>
  );
}

export function matching(services: Service[], query: string): Service[] {
  const words = fold(query);
  if (!words) return services;
  return services.filter((one) =>
    [...one.name, ...(book().kinds[one.kind] ?? [])].some((name) => fold(name).includes(words)));
}

// Services by picture, by voice and by search; `to` makes links, `onPick` makes buttons.
export function ServiceList(props: { to?: (code: string) => string; onPick?: (service: Service) => void }) {
  const [query, setQuery] = useState("");
  const list = matching(book().services, query);
  const face = (one: Service) => (
    <>
      <span class="tile__picture"><Icon name={one.code} other={one.kind} /></span>
      <span class="tile__name">{own(one.name)}</span>
    </>
  );
  return (
    <div>
      <label class="search">
        <span class="hidden">{t("search")}</span>
        <input type="search" value={query} placeholder={t("search")} onInput={(e) => setQuery(e.currentTarget.value)} />
      </label>
      <p role="status" class={list.length ? "hidden" : ""}>{list.length ? "" : t("nothingFound")}</p>
      <ul class="tiles">
        {list.map((one) => (
          <li key={one.code} class="tile">
            {props.to ? (
              <a class="tile__go" href={props.to(one.code)}>{face(one)}</a>
            ) : (
              <button type="button" class="tile__go" onClick={() => props.onPick!(one)}>{face(one)}</button>
            )}
            <Ear names={[`service:${one.code}`]} words={own(one.name)} />
          </li>
        ))}
      </ul>
    </div>
  );
}
