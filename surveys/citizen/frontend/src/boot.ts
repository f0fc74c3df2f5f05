// The first screens come with the page and answer without a script (templates/citizen/first.html).
// The app takes over once they are on the screen and nothing else is to do: a tap made by then is
// answered first. It is not requested before that: on a slow phone the request alone costs the page
// a tenth of a second. Script and content are then fetched together. If the worker reports in
// between that the content has changed, the app asks for it once more.
navigator.serviceWorker?.addEventListener("message", (event) => {
  if (String(event.data).endsWith("/data.json")) document.documentElement.dataset.newer = "";
});
const take = (): void => {
  const content = document.createElement("link");
  Object.assign(content, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: "/app/data.json" });
  document.head.append(content);
  void import("./main");
};
const idle = (): unknown => ("requestIdleCallback" in window ? requestIdleCallback(take, { timeout: 1500 }) : setTimeout(take, 100));
if (document.querySelector(".home")) requestAnimationFrame(() => setTimeout(idle));
else take();
