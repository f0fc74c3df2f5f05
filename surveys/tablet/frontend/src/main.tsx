import { render } from "preact";
import "./style.css";
import { App } from "./ui/app";
import { language, speak } from "./words";

speak(language());
const place = document.querySelector("#app")!;
place.textContent = ""; // the page's own "…", shown until this script has come
let update: (() => void) | null = null;
const draw = () => render(<App update={update} />, place);
draw();

// A new version waits until the person says so: never in the middle of an interview.
if ("serviceWorker" in navigator) {
  void navigator.serviceWorker.register("/tablet/sw.js", { scope: "/tablet/" }).then((registered) => {
    const offer = (worker: ServiceWorker | null) => {
      if (!worker || !navigator.serviceWorker.controller) return;
      update = () => {
        navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
        worker.postMessage("now");
      };
      draw();
    };
    offer(registered.waiting);
    registered.addEventListener("updatefound", () => {
      const worker = registered.installing;
      worker?.addEventListener("statechange", () => worker.state === "installed" && offer(worker));
    });
  });
}
