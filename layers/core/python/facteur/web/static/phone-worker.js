// The service worker of the photo page: the page opens without a network, what waits is sent when
// the network is back (Background Sync), and files shared from another app arrive. Its scope is that
// page alone. Imported by /sw.js, which says where things are (web/pages/phone.py).
"use strict";

(() => {
  const config = self.facteurConfig;
  const queue = self.facteurQueue;
  const CACHE = `facteur-photo ${config.files[0]}`; // a new build has new addresses

  self.addEventListener("install", (event) => {
    event.waitUntil((async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(config.files);
      await keepPage(await fetch(config.page, { credentials: "same-origin" }), cache);
      await self.skipWaiting();
    })());
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
      for (const name of await caches.keys()) if (name.startsWith("facteur-photo ") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })());
  });

  // The page holds nothing of anybody: no name, no token. A sign-in page is never kept in its place.
  async function keepPage(answer, cache) {
    if (answer.ok && !answer.redirected && new URL(answer.url).pathname === config.page) {
      await cache.put(config.page, answer.clone());
    }
    return answer;
  }

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin) return;
    if (request.method === "POST" && url.pathname === config.share) {
      event.respondWith(shared(request));
    } else if (request.method === "GET" && request.mode === "navigate" && url.pathname === config.page) {
      event.respondWith(page(request));
    } else if (request.method === "GET" && config.files.includes(url.pathname)) {
      event.respondWith(caches.match(url.pathname).then((held) => held || fetch(request)));
    }
  });

  async function page(request) {
    const cache = await caches.open(CACHE);
    try {
      return await keepPage(await fetch(request), cache);
    } catch (error) {
      const held = await cache.match(config.page);
      if (held) return held;
      throw error;
    }
  }

  async function shared(request) {
    const form = await request.formData();
    let at = Date.now();
    for (const file of form.getAll("files")) {
      at += 1;
      if (file.size) await queue.put("shots", { key: crypto.randomUUID(), order: at, blob: file, filename: file.name });
    }
    return Response.redirect(config.page, 303);
  }

  self.addEventListener("sync", (event) => {
    if (event.tag !== "photos") return;
    event.waitUntil(queue.flush(config).then((stopped) => { if (stopped === "offline") throw new Error("later"); }));
  });
})();
