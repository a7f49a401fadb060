// The visit opens without a network: its page comes from the network first, its files from the cache first.
const FILES = [
  "/static/tabler.css", "/static/working.css", "/static/desk.css", "/static/visit.css", "/static/icons.svg", "/static/favicon.svg",
  "/static/visit.js", "/static/visit-store.js", "/static/visit-sums.js", "/static/idb.js", "/static/htmx.js", "/static/app.js",
];
const PAGES = "visit-pages";
const ASSETS = "visit-files";
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
  if (url.pathname.startsWith("/static/")) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  else if (request.mode === "navigate" && /^\/studios\/visits\/[0-9a-f-]{36}$/.test(url.pathname)) event.respondWith(page(event, url.pathname));
});

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
  const words = "现在没有网络，而这一页还没有在本机打开过。 · You are offline and this page was never opened on this device.";
  return new Response(words, { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" } });
}
