// The desk opens without a network: its pages come from the network first, its files from the cache first.
// The names below hold the files' hashes, so a new release is a new worker and a fresh cache.
const FILES = [
  "/static/tabler.css", "/static/working.css", "/static/desk.css", "/static/judging.css", "/static/icons.svg", "/static/favicon.svg",
  "/static/desk.js", "/static/desk-view.js", "/static/desk-store.js", "/static/desk-pad.js", "/static/desk-sums.js", "/static/idb.js",
  "/static/desk-list.js", "/static/htmx.js", "/static/app.js",
];
const PAGES = "desk-pages";
const ASSETS = "desk-files";
const PATIENCE = 5000; // then a kept page is better than none

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(ASSETS).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(ASSETS);
    for (const request of await cache.keys()) if (!FILES.includes(new URL(request.url).pathname)) await cache.delete(request);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && /^\/desk(\/[0-9a-f-]{36})?$/.test(url.pathname)) event.respondWith(page(event, url.pathname));
});

async function file(request) {
  const kept = await caches.match(request);
  return kept ?? fetch(request);
}

async function page(event, path) {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(path);
  const coming = fetch(event.request).then(async (answer) => {
    if (answer.ok) await cache.put(path, answer.clone());
    else if (answer.status === 404) await cache.delete(path);
    return answer;
  });
  if (!kept) return coming.catch(offline);
  event.waitUntil(coming.catch(() => {}));
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const answer = await Promise.race([coming.catch(() => null), patience]);
  return answer && answer.status < 500 ? answer : kept;
}

function offline() {
  const words = "现在没有网络，而这一页还没有在本机打开过。请连上网络后再打开评分台。 · You are offline and this page was never opened on this device.";
  return new Response(words, { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" } });
}
