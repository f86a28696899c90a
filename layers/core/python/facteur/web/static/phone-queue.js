// What was photographed and not sent yet: kept on the device, sent when the network is there.
// Shared by the page (phone.js) and its service worker (phone-worker.js). Nothing leaves the device
// before the storage has answered that it holds the file; each item has a name of its own, so that
// sending it twice makes one document (services/intake/uploads.py, « once »).
"use strict";

(() => {
  const NAME = "facteur-photo";
  const KEPT_DAYS = 7; // what was sent stays visible that long
  const channel = "BroadcastChannel" in self ? new BroadcastChannel(NAME) : null;

  let opening = null;
  function open() {
    opening ||= new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("shots", { keyPath: "key" });
        asked.result.createObjectStore("queue", { keyPath: "key" });
        asked.result.createObjectStore("notes", { keyPath: "key" });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return opening;
  }

  // One transaction; resolves when it is on the disk.
  async function within(store, mode, work) {
    const database = await open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const asked = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked && asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
  const all = (store) => within(store, "readonly", (held) => held.getAll());
  const get = (store, key) => within(store, "readonly", (held) => held.get(key));
  const put = (store, value) => within(store, "readwrite", (held) => held.put(value));
  const remove = (store, key) => within(store, "readwrite", (held) => held.delete(key));

  const tell = () => { if (channel) channel.postMessage("changed"); self.dispatchEvent(new Event("queue-changed")); };

  async function add({ blob, filename, pages, kind, direction, dossier, company }) {
    const item = {
      key: crypto.randomUUID(), blob, filename, pages, kind, direction, dossier, company,
      at: Date.now(), state: "waiting", reason: "", document: "",
    };
    await put("queue", item);
    tell();
    return item;
  }

  async function list() {
    const items = (await all("queue")).sort((one, other) => other.at - one.at);
    const old = Date.now() - KEPT_DAYS * 86400000;
    for (const one of items) if (one.state === "sent" && one.at < old) await remove("queue", one.key);
    return items.filter((one) => one.state !== "sent" || one.at >= old);
  }

  async function discard(key) { await remove("queue", key); tell(); }

  async function change(item, values) {
    if (!(await get("queue", item.key))) return; // discarded meanwhile
    await put("queue", Object.assign(item, values));
    tell();
  }

  // Who is signed in, as the server says; "offline", "signed-out" or {csrf, dossier, company, max}.
  async function session(config) {
    try {
      const answer = await fetch(config.session, { credentials: "same-origin", redirect: "manual", cache: "no-store", headers: { Accept: "application/json" } });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return "signed-out";
      if (!answer.ok) return "offline";
      const found = await answer.json();
      await put("notes", { key: "session", dossier: found.dossier, company: found.company, max: found.max });
      return found;
    } catch {
      return "offline";
    }
  }

  const REFUSED = new Set([400, 403, 404, 413, 415, 422]);

  // True when the item needs no other try.
  async function sendOne(item, who, config) {
    await change(item, { state: "sending", reason: "" });
    try {
      const asked = await fetch(config.send, {
        method: "POST", credentials: "same-origin", redirect: "manual",
        headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
        body: new URLSearchParams({
          csrf: who.csrf, once: item.key, filename: item.filename, media_type: item.blob.type,
          size: item.blob.size, declared_kind: item.kind, direction: item.direction,
        }),
      });
      if (!asked.ok) {
        const said = await asked.json().catch(() => ({}));
        if (!REFUSED.has(asked.status)) throw new Error("away");
        await change(item, { state: "refused", reason: said.detail || "Ce document n’a pas été accepté." });
        return true;
      }
      const form = await asked.json();
      const body = new FormData();
      for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
      body.append("file", item.blob, item.filename);
      const stored = await fetch(form.url, { method: "POST", body });
      if (!stored.ok) {
        if (stored.status >= 500 || stored.status === 429) throw new Error("away");
        await change(item, { state: "refused", reason: "L’envoi a été refusé par le stockage." });
        return true;
      }
      await change(item, { state: "sent", document: form.document, blob: null });
      return true;
    } catch {
      await change(item, { state: "waiting", reason: "" });
      return false;
    }
  }

  // Send what waits, one flush at a time over every tab and the worker; what stops it, or "".
  async function flush(config) {
    const work = async () => {
      const waiting = (await all("queue")).filter((one) => one.state === "waiting" || one.state === "sending");
      if (!waiting.length) return "";
      const who = await session(config);
      if (typeof who === "string") return who;
      let stopped = "";
      for (const item of waiting.sort((one, other) => one.at - other.at)) {
        if (item.dossier && item.dossier !== who.dossier) {
          await change(item, { state: "waiting", reason: `Photographié pour ${item.company || "un autre dossier"} : ouvrez ce dossier pour l’envoyer.` });
          continue;
        }
        if (!(await sendOne(item, who, config))) { stopped = "offline"; break; }
      }
      return stopped;
    };
    if (!navigator.locks) return work();
    return navigator.locks.request(NAME, work);
  }

  async function retry(key) {
    const item = await get("queue", key);
    if (item && item.blob) await change(item, { state: "waiting", reason: "" });
  }

  self.facteurQueue = { add, list, discard, retry, flush, session, all, get, put, remove, channel };
})();
