// The app: a frame, a screen by the address behind "#", and a worker that keeps it for use offline.
import { render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { keepTrying } from "../../../../frontend/shared/network";
import { changed, hasBook, loadBook, onChange, service } from "./state";
import { drop, onSent, sendAll, waiting } from "./send";
import { changeRequest, requests, write } from "./store";
import { today } from "../../../../frontend/shared/workdays";
import { language, own, speak, t } from "./words";
import { hush, keepAllUnlessDear } from "./voice";
import { Mark } from "./icons";
import { Home, ServicePage } from "./ui/services";

let later: typeof import("./later") | null = null;

const parts = (hash: string): string[] => hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
const comesLater = (first: string): boolean => ["requests", "tell", "danger", "commune", "more"].includes(first);

// Null while what the screen needs is being loaded.
function screen(hash: string) {
  const [first = "", second = "", third = ""] = parts(hash);
  if (!hasBook()) return null;
  if (comesLater(first)) return later ? later.screen(first, second, third) : null;
  return first === "s" ? <ServicePage key={second} code={second} /> : <Home />;
}

function App() {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [hash, setHash] = useState(location.hash);
  const [online, setOnline] = useState(navigator.onLine);
  const [failed, setFailed] = useState(false);
  useEffect(() => onChange(() => redraw(undefined as never)), []);
  const load = () => {
    const asking = keepTrying(async () => {
      try {
        await Promise.all([(hasBook() ? Promise.resolve() : loadBook()).then(remind), loadLater()]);
      } catch (trouble) {
        setFailed(true);
        throw trouble;
      }
      asking.stop();
      setFailed(false);
      keepForLater();
      return { sent: 1, left: 0 };
    });
  };
  useEffect(() => {
    const move = () => {
      hush();
      setHash(location.hash);
      scrollTo(0, 0);
      requestAnimationFrame(() => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true }));
    };
    const line = () => setOnline(navigator.onLine);
    addEventListener("hashchange", move);
    addEventListener("online", line);
    addEventListener("offline", line);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") remind();
    });
    navigator.serviceWorker?.addEventListener("message", (event) => {
      if (String(event.data).endsWith("/data.json")) void loadBook().then(keepAllUnlessDear);
    });
    // the services are on the screen first; the other screens follow
    if (hasBook()) afterThisFrame(load);
    else load();
    if ("newer" in document.documentElement.dataset) void loadBook();
    const trying = keepTrying(sendAll);
    onSent((result, reached) => {
      trying.heard(result);
      setOnline(reached);
    });
  }, []);
  const now = screen(hash);
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
        <a class="brand" href="#/"><Mark /> <span>{t("app")}</span></a>
        <button type="button" class="chip chip--small" lang={language() === "km" ? "en" : "km"} onClick={turn}>{t("language")}</button>
      </header>
      <main id="main" key={language()} data-screen={now ? hash || "#/" : undefined}>
        <div role="status">{!online && <p class="notice notice--slim">{t("offline")}</p>}</div>
        <Outbox />
        {now ?? (failed ? (
          <><h1>{t("app")}</h1><p class="notice">{t("noContent")}</p><button type="button" class="button" onClick={() => location.reload()}>{t("tryAgain")}</button></>
        ) : (
          <h1 class="quiet">{t("loading")}</h1>
        ))}
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
            {message.path === "/app/tell" && <button type="button" class="chip" onClick={() => later?.changeRefused(message.id)}>{t("change")}</button>}
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
      worker.showNotification(t("reminderTitle"), { body: asked ? own(asked.name) : "", tag: kept.id, icon: "/static/citizen/icon-192.png" }));
  }
}

const afterThisFrame = (act: () => void): void => void requestAnimationFrame(() => setTimeout(act));

async function loadLater(): Promise<void> {
  later ??= await import("./later");
  changed();
}

// Fetch the files for offline use when the phone has nothing else to do.
let asked = false;
function keepForLater(): void {
  if (asked || !("serviceWorker" in navigator)) return;
  asked = true;
  const register = () => void navigator.serviceWorker.register("/app/sw.js").then(keepAllUnlessDear);
  if ("requestIdleCallback" in window) requestIdleCallback(register, { timeout: 3000 });
  else setTimeout(register, 1000);
}

function show(): void {
  const root = document.getElementById("app")!;
  root.textContent = "";
  render(<App />, root);
}

// The content in the page stays until the app has loaded the same; without a network it remains,
// and answers.
function takeOver(): void {
  const asking = keepTrying(async () => {
    await loadBook();
    asking.stop();
    show();
    return { sent: 1, left: 0 };
  });
}

setInterval(remind, 3_600_000);
speak(language());
if (document.querySelector(".home")) takeOver();
else show();
