// Putting the app on the home screen: the browser's own question, asked when the reader wants it.
import { useEffect, useState } from "preact/hooks";
import { read, write } from "../store";
import { t } from "../words";

interface Question extends Event {
  prompt(): Promise<{ outcome: "accepted" | "dismissed" }>;
}

let question: Question | null = null;
const heard = new Set<() => void>();

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // kept for the button, in place of the browser's own bar
  question = event as Question;
  heard.forEach((tell) => tell());
});
window.addEventListener("appinstalled", () => {
  question = null;
  heard.forEach((tell) => tell());
});

const isInstalled = (): boolean =>
  matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;
const isApple = (): boolean => /iPhone|iPad|iPod/.test(navigator.userAgent);

export function Install({ always }: { always?: boolean }) {
  const [, look] = useState(0);
  useEffect(() => {
    const tell = () => look((n) => n + 1);
    heard.add(tell);
    return () => void heard.delete(tell);
  }, []);
  if (isInstalled() || (!always && read("install-later", false))) return null;
  if (!question) return always ? <p class="quiet">{t(isApple() ? "installApple" : "installMenu")}</p> : null;
  const ask = async () => {
    const asked = question;
    question = null;
    if (asked && (await asked.prompt()).outcome === "dismissed") write("install-later", true);
    look((n) => n + 1);
  };
  const later = () => {
    write("install-later", true);
    look((n) => n + 1);
  };
  return (
    <section class="notice" aria-label={t("install")}>
      <p>{t("installWhy")}</p>
      <p class="actions">
        <button type="button" class="button" onClick={() => void ask()}>{t("install")}</button>
        {!always && <button type="button" class="chip" onClick={later}>{t("installLater")}</button>}
      </p>
    </section>
  );
}
