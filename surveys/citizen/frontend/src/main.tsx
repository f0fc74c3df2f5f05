// The app: a frame, a screen by the address behind "#", a worker that keeps it for days offline.
import { render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import "./style.css";
import { changed, hasBook, loadBook, onChange, service } from "./state";
import { drop, sendAll, waiting } from "./send";
import { changeRequest, requests, write } from "./store";
import { today } from "./workdays";
import { language, own, speak, t } from "./words";
import { hush } from "./voice";
import { MyCommune } from "./ui/commune";
import { Danger } from "./ui/danger";
import { More } from "./ui/more";
import { NewRequest, Requests } from "./ui/requests";
import { OneRequest } from "./ui/request";
import { Home, ServicePage } from "./ui/services";
import { changeRefused, Tell } from "./ui/tell";

function screen(hash: string) {
  const [first = "", second = "", third = ""] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (first === "s") return <ServicePage key={second} code={second} />;
  if (first === "requests" && second === "new") return <NewRequest key={third} code={third} />;
  if (first === "requests" && second) return <OneRequest key={second} id={second} />;
  if (first === "requests") return <Requests />;
  if (first === "tell") return <Tell code={second} />;
  if (first === "danger") return <Danger />;
  if (first === "commune") return <MyCommune />;
  if (first === "more") return <More />;
  return <Home />;
}

function App() {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [hash, setHash] = useState(location.hash);
  const [online, setOnline] = useState(navigator.onLine);
  const [failed, setFailed] = useState(false);
  useEffect(() => onChange(() => redraw(undefined as never)), []);
  const load = () => {
    setFailed(false);
    loadBook().then(remind, () => setFailed(true)).then(keepForLater);
  };
  useEffect(() => {
    const move = () => {
      hush();
      setHash(location.hash);
      scrollTo(0, 0);
      requestAnimationFrame(() => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true }));
    };
    const line = () => {
      setOnline(navigator.onLine);
      if (navigator.onLine) void sendAll();
    };
    addEventListener("hashchange", move);
    addEventListener("online", line);
    addEventListener("offline", line);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") {
        remind();
        void sendAll();
      }
    });
    navigator.serviceWorker?.addEventListener("message", (event) => {
      if (String(event.data).endsWith("/data.json")) void loadBook();
    });
    load();
    void sendAll();
  }, []);
  const turn = () => {
    speak(language() === "km" ? "en" : "km");
    write("language", language());
    hush();
    changed();
  };
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.querySelector<HTMLElement>("h1")?.focus(); }}>{t("home")}</a>
      <header class="top">
        <a class="brand" href="#/"><img src="/static/pages/mark.svg" alt="" width="32" height="32" /> <span>{t("app")}</span></a>
        <button type="button" class="chip chip--small" lang={language() === "km" ? "en" : "km"} onClick={turn}>{t("language")}</button>
      </header>
      <main id="main" key={language()}>
        <div role="status">{!online && <p class="notice notice--slim">{t("offline")}</p>}</div>
        <Outbox />
        {hasBook() ? screen(hash) : failed ? (
          <><h1>{t("app")}</h1><p class="notice">{t("noContent")}</p><button type="button" class="button" onClick={load}>{t("tryAgain")}</button></>
        ) : (
          <h1 class="quiet">{t("loading")}</h1>
        )}
      </main>
    </>
  );
}

function Outbox() {
  const all = waiting();
  const refused = all.filter((message) => message.refused);
  return (
    <>
      {all.length > refused.length && <p class="notice notice--slim">{t("waitingToSend", { n: all.length - refused.length })}</p>}
      {refused.map((message) => (
        <div class="notice" key={message.id} role="alert">
          <p><strong>{t("refusedToSend")}</strong></p>
          <p>{Object.values(message.refused!).flat().join(" ")}</p>
          <p class="actions">
            {message.path === "/app/tell" && <button type="button" class="chip" onClick={() => changeRefused(message.id)}>{t("change")}</button>}
            <button type="button" class="chip" onClick={() => drop(message.id)}>{t("drop")}</button>
          </p>
        </div>
      ))}
    </>
  );
}

// On the promised day, once: when the app is opened, and while it is open.
function remind(): void {
  for (const kept of requests()) {
    if (kept.state !== "open" || kept.reminded || !kept.promised || kept.promised > today()) continue;
    if (!("Notification" in window) || Notification.permission !== "granted") continue;
    changeRequest(kept.id, { reminded: true });
    const asked = service(kept.service);
    void navigator.serviceWorker?.ready.then((worker) =>
      worker.showNotification(t("reminderTitle"), { body: asked ? own(asked.name) : "", tag: kept.id, icon: "/static/pages/mark.svg" }));
  }
}

// What makes the app work offline is fetched behind, after the first screen answers.
let asked = false;
function keepForLater(): void {
  if (asked || !("serviceWorker" in navigator)) return;
  asked = true;
  setTimeout(() => void navigator.serviceWorker.register("/app/sw.js"), 300);
}

setInterval(remind, 3_600_000);
speak(language());
render(<App />, document.getElementById("app")!);
