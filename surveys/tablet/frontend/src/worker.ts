// The service worker: the app opens without a network, an update waits until every screen is
// closed or the person says "now", and what is ready is sent when the network returns.

import { clientsClaim } from "workbox-core";
import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { sendAll, waiting } from "./sync";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

// The page does not vary, but the server says "Vary: Accept-Language" of every page, and a cache
// that believes it finds nothing when it is asked in another language.
addPlugins([
  {
    cacheWillUpdate: async ({ response }) => {
      if (!response.ok || response.redirected) return null;
      const headers = new Headers(response.headers);
      headers.delete("Vary");
      const body = await response.blob();
      // a captive portal answers everything with a page of its own, which must not be kept as ours
      const isPage = headers.get("Content-Type")?.includes("text/html");
      if (isPage && !(await body.text()).includes("/static/tablet/dist/")) return null;
      return new Response(body, { status: response.status, headers });
    },
  },
]);
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
clientsClaim();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/tablet/"), { allowlist: [/^\/tablet\/$/] }));

self.addEventListener("message", (event) => {
  if (event.data === "now") void self.skipWaiting();
});

self.addEventListener("sync", (event) => {
  const sync = event as ExtendableEvent & { tag: string };
  if (sync.tag === "send") sync.waitUntil(sendUnseen());
});

async function inSight(): Promise<boolean> {
  const pages = await self.clients.matchAll({ type: "window" });
  return pages.some((page) => page.visibilityState === "visible");
}

// A visible page sends by itself and shows the result; the worker sends when no page is visible, or
// when the page was killed at work. As long as something waits, the error asks the browser to run
// this again.
async function sendUnseen(): Promise<void> {
  if ((await waiting()) && !(await inSight())) await sendAll();
  const left = await waiting();
  if (left) throw new Error(`${left} records wait`);
}
