// The service worker: after one visit the app opens and answers without a network.
/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope;
declare const __KEEP__: string[];
declare const __VERSION__: string;

const SHELL = `citizen-shell-${__VERSION__}`;
const CONTENT = "citizen-content";
const VOICES = "citizen-voices";
const OUR_PAGE = "/static/citizen/dist/";
const ANSWERS = ["/app/data.json", "/app/places.json"];

// Return whether this is the file that was asked for. A captive portal answers everything with a
// page of its own, which would replace the file for as long as the phone keeps it.
const isOurs = (response: Response): boolean =>
  response.ok && !response.redirected && !response.headers.get("Content-Type")?.includes("text/html");

async function keepAll(cache: Cache, addresses: string[]): Promise<void> {
  await Promise.all(
    addresses.map(async (address) => {
      const response = await fetch(address);
      if (!isOurs(response)) throw new Error(`${address}: ${response.status}`);
      await cache.put(address, response);
    }),
  );
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(SHELL);
      await keepAll(shell, __KEEP__);
      // without the day's content: that is kept separately, and renewed
      const bare = await fetch("/app/?bare", { cache: "no-cache" });
      if (!bare.ok || !(await bare.clone().text()).includes(OUR_PAGE)) throw new Error(String(bare.status));
      await shell.put("/app/", bare);
      await keepAll(await caches.open(CONTENT), ANSWERS);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("citizen-shell-") && name !== SHELL) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

async function first(name: string, request: Request | string): Promise<Response> {
  const cache = await caches.open(name);
  const cached = await cache.match(request);
  if (cached) return cached;
  const response = await fetch(request);
  if (isOurs(response)) await cache.put(request, response.clone());
  return response;
}

// Answer from the cache at once, fetch in the background, and tell the page when the answer has
// changed.
async function keptThenFresh(event: FetchEvent): Promise<Response> {
  const cache = await caches.open(CONTENT);
  const cached = await cache.match(event.request.url);
  const fresh = fetch(event.request).then(async (response) => {
    if (isOurs(response)) {
      await cache.put(event.request.url, response.clone());
      if (cached && cached.headers.get("ETag") !== response.headers.get("ETag")) {
        for (const client of await self.clients.matchAll()) client.postMessage(event.request.url);
      }
    }
    return response;
  });
  if (!cached) return fresh;
  event.waitUntil(fresh.catch(() => undefined));
  return cached;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/app/") event.respondWith(first(SHELL, "/app/"));
  else if (/^\/app\/.*\.json$/.test(url.pathname)) event.respondWith(keptThenFresh(event));
  else if (url.pathname.startsWith("/ivr/audio/")) event.respondWith(first(VOICES, request.url));
  else if (__KEEP__.includes(url.pathname)) event.respondWith(first(SHELL, request.url));
});

// A reminder from the server: it says only that a promised day has come; the phone knows which.
const REMINDER = {
  km: { title: "ថ្ងៃកំណត់ទទួលបានមកដល់", body: "បើកកម្មវិធី ដើម្បីមើលសំណើរបស់អ្នក។" },
  en: { title: "The promised day has come", body: "Open the app to see your request." },
};

self.addEventListener("push", (event) => {
  let reminder: { language?: string; due_on?: string } = {};
  try {
    reminder = (event.data?.json() as typeof reminder | null) ?? {};
  } catch {
    // a message that cannot be read is a reminder all the same
  }
  const words = reminder.language === "en" ? REMINDER.en : REMINDER.km;
  const tag = `due-${reminder.due_on ?? ""}`;
  event.waitUntil(
    self.registration.showNotification(words.title, {
      body: words.body,
      lang: reminder.language ?? "km",
      tag,
      icon: "/static/citizen/icon-192.png",
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow("/app/#/requests"));
});
export {};
