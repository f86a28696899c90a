// The photo page: camera, pages, type, queue. What it keeps and sends is in phone-queue.js, how it
// finds the sheet in phone-detector.js (a worker, fetched only when there is a camera).
"use strict";

(() => {
  const config = JSON.parse(document.body.dataset.config);
  const queue = self.facteurQueue;
  const $ = (id) => document.getElementById(id);
  const LONGEST = 240; // pixels of the picture that is searched: corners.py, SMALL
  const PAUSE = 90; // milliseconds between two searches
  const STEADY = 6; // searches in a row that must agree
  const STILL = 0.018; // of the view, by which a corner may move between them
  const MOVED = 0.12; // by which it must move before the next shot by itself
  const GONE = 4; // or searches without a sheet
  const SOON = 2000; // milliseconds before what did not leave is tried again, doubled each time
  const LATE = 60000;
  const STATES = {
    waiting: ["En attente", "tone-grey", "loader-2"],
    sending: ["Envoi en cours", "tone-blue", "upload"],
    sent: ["Envoyé", "tone-green", "circle-check"],
    refused: ["Non envoyé", "tone-red", "circle-x"],
  };
  let shots = []; // {key, order, blob, filename}
  let retaking = null; // key of the shot that the next one replaces
  let who = null; // the last known session: {dossier, company, max}

  // ── Words ──
  let said = "";
  function say(text) {
    if (text === said) return;
    said = text;
    $("status").textContent = text;
  }
  function problem(text, focus) {
    $("problem").textContent = text;
    $("problem").hidden = !text;
    if (text && focus) focus.focus();
  }
  function icon(name) {
    return $("icons").content.querySelector(`[href$="#${name}"]`).closest("svg").cloneNode(true);
  }
  function button(name, label, work, { text = false, off = false } = {}) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm";
    made.append(icon(name));
    if (text) made.append(` ${label}`); else made.setAttribute("aria-label", label);
    made.title = label;
    made.disabled = off;
    made.addEventListener("click", work);
    return made;
  }

  // ── Camera ──
  const video = $("video");
  const polygon = $("sheet");
  const view = $("view");
  const looked = document.createElement("canvas");
  let detector = null;
  let last = null;
  let agreeing = 0;
  let missing = 0;
  let armed = true; // false after a shot by itself, until the sheet moves
  let taken = null;
  let shooting = false;

  async function startCamera() {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      noCamera("Pas d’appareil photo ici : choisissez une photo.");
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 3840 }, height: { ideal: 2160 } },
      });
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      noCamera(error.name === "NotAllowedError"
        ? "L’accès à l’appareil photo est refusé : choisissez une photo, ou autorisez-le dans le navigateur."
        : "Pas d’appareil photo ici : choisissez une photo.");
      return;
    }
    view.hidden = false;
    $("shoot").hidden = false;
    $("auto-row").hidden = false;
    say("Placez la feuille sur une surface plus sombre, entière dans l’image.");
    detector = new Worker(config.detector);
    detector.addEventListener("message", (event) => { seen(event.data.quad); setTimeout(look, PAUSE); });
    detector.addEventListener("error", () => say("La feuille ne peut pas être repérée ici : prenez la photo vous-même."));
    look();
  }
  function noCamera(text) {
    $("native").hidden = false;
    say(text);
  }

  function look() {
    if (document.hidden || video.readyState < 2 || !video.videoWidth) { setTimeout(look, 300); return; }
    const scale = LONGEST / Math.max(video.videoWidth, video.videoHeight);
    const width = Math.round(video.videoWidth * scale);
    const height = Math.round(video.videoHeight * scale);
    looked.width = width;
    looked.height = height;
    const drawing = looked.getContext("2d", { willReadFrequently: true });
    drawing.drawImage(video, 0, 0, width, height);
    const colours = drawing.getImageData(0, 0, width, height).data;
    const grey = new Uint8Array(width * height);
    for (let at = 0; at < grey.length; at += 1) {
      grey[at] = (colours[4 * at] * 77 + colours[4 * at + 1] * 150 + colours[4 * at + 2] * 29) >> 8;
    }
    detector.postMessage({ grey: grey.buffer, width, height }, [grey.buffer]);
  }

  const apart = (one, other) => Math.max(...one.map(([x, y], at) => Math.hypot(x - other[at][0], y - other[at][1])));

  function seen(quad) {
    view.classList.toggle("found", Boolean(quad));
    if (quad) polygon.setAttribute("points", quad.map(([x, y]) => `${(x * 1000).toFixed(1)},${(y * 1000).toFixed(1)}`).join(" "));
    agreeing = quad && last && apart(quad, last) <= STILL ? agreeing + 1 : 0;
    missing = quad ? 0 : missing + 1;
    last = quad;
    if (!armed && (missing >= GONE || (quad && taken && apart(quad, taken) >= MOVED))) armed = true;
    const steady = agreeing >= STEADY - 1;
    view.classList.toggle("steady", steady);
    if (shooting) return;
    if (!quad) {
      if (missing >= GONE) say("Cherche la feuille…");
    } else if (!armed) {
      say("Photo prise. Présentez la page suivante, ou choisissez le type et envoyez.");
    } else if (!steady) {
      say("Feuille trouvée, ne bougez plus.");
    } else if ($("auto").checked) {
      shoot();
    } else {
      say("Feuille nette : prenez la photo.");
    }
  }

  // The camera's own picture where the browser gives it, else the frame that is shown.
  async function picture() {
    const track = video.srcObject.getVideoTracks()[0];
    if ("ImageCapture" in self) {
      try {
        const late = new Promise((_resolve, reject) => { setTimeout(reject, 3000, new Error("late")); });
        const blob = await Promise.race([new ImageCapture(track).takePhoto(), late]);
        if (blob.type === "image/jpeg" && blob.size) return blob;
      } catch { /* the frame then */ }
    }
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    return new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.92); });
  }

  async function shoot() {
    if (shooting) return;
    shooting = true;
    armed = false;
    taken = last;
    try {
      await keep(await picture(), "photo.jpg");
    } finally {
      shooting = false;
    }
  }

  // ── Pages ──
  async function keep(blob, filename) {
    if (who && blob.size > who.max) {
      problem(`Ce fichier est trop volumineux : ${Math.round(who.max / 1048576)} Mo au plus.`);
      return;
    }
    const replaced = shots.find((one) => one.key === retaking);
    const order = replaced ? replaced.order : Math.max(0, ...shots.map((one) => one.order)) + 1;
    const shot = { key: replaced ? replaced.key : crypto.randomUUID(), order, blob, filename };
    try {
      await queue.put("shots", shot);
    } catch {
      problem("Cet appareil n’a plus de place pour garder la photo : envoyez ou supprimez d’abord d’autres photos.");
      return;
    }
    shots = shots.filter((one) => one.key !== shot.key).concat(shot).sort((one, other) => one.order - other.order);
    retaking = null;
    problem("");
    say(`Photo prise : page ${shots.indexOf(shot) + 1}.`);
    showShots();
  }

  const addresses = new Map();
  function addressOf(blob) {
    if (!addresses.has(blob)) addresses.set(blob, URL.createObjectURL(blob));
    return addresses.get(blob);
  }

  function showShots() {
    for (const [blob, address] of addresses) {
      if (!shots.some((one) => one.blob === blob)) { URL.revokeObjectURL(address); addresses.delete(blob); }
    }
    $("pages").hidden = !shots.length;
    $("shots").replaceChildren(...shots.map((one, at) => {
      const item = document.createElement("li");
      item.className = one.key === retaking ? "again" : "";
      const image = document.createElement(one.blob.type === "application/pdf" ? "div" : "img");
      if (image.tagName === "IMG") { image.src = addressOf(one.blob); image.alt = `Photo de la page ${at + 1}`; } else { image.className = "no-image"; image.textContent = one.filename; }
      const name = document.createElement("p");
      name.textContent = one.key === retaking ? `Page ${at + 1} : à reprendre` : `Page ${at + 1}`;
      const keys = document.createElement("div");
      keys.className = "keys";
      keys.append(
        button("arrow-up", `Monter la page ${at + 1}`, () => swap(at, at - 1), { off: at === 0 }),
        button("arrow-down", `Descendre la page ${at + 1}`, () => swap(at, at + 1), { off: at === shots.length - 1 }),
        button("refresh", `Reprendre la page ${at + 1}`, () => { retaking = one.key; armed = true; agreeing = 0; say(`La prochaine photo remplacera la page ${at + 1}.`); showShots(); }),
        button("trash", `Supprimer la page ${at + 1}`, () => drop(one, at)),
      );
      item.append(image, name, keys);
      return item;
    }));
    const words = shots.length > 1 ? `Envoyer les ${shots.length} pages` : "Envoyer";
    $("send-button").querySelector("span").textContent = words;
  }
  async function swap(at, other) {
    [shots[at].order, shots[other].order] = [shots[other].order, shots[at].order];
    await queue.put("shots", shots[at]);
    await queue.put("shots", shots[other]);
    shots.sort((one, two) => one.order - two.order);
    showShots();
    say(`Page ${at + 1} déplacée en position ${other + 1}.`);
    const keys = $("shots").children[other].querySelectorAll("button");
    (keys[at > other ? 0 : 1].disabled ? keys[at > other ? 1 : 0] : keys[at > other ? 0 : 1]).focus();
  }
  async function drop(one, at) {
    await queue.remove("shots", one.key);
    shots = shots.filter((other) => other !== one);
    if (retaking === one.key) retaking = null;
    showShots();
    say(`Page ${at + 1} supprimée.`);
    (shots.length ? $("shots").querySelector("button:not(:disabled)") : $("pick")).focus();
  }

  for (const input of [$("pick"), $("native-pick")]) {
    input.addEventListener("change", async () => {
      for (const file of Array.from(input.files)) await keep(file, file.name);
      input.value = "";
    });
  }
  $("shoot").addEventListener("click", shoot);

  // ── One document of what was taken ──
  async function documentOf() {
    const stamp = new Date().toISOString().slice(0, 16).replace("T", "-").replace(":", "h");
    if (shots.length === 1) {
      const { blob, filename } = shots[0];
      return { blob, filename: filename && filename !== "photo.jpg" ? filename : `photo-${stamp}.jpg` };
    }
    const photos = [];
    for (const one of shots) photos.push(await self.facteurPdf.jpegOf(one.blob));
    return { blob: await self.facteurPdf.pdfOf(photos), filename: `photos-${stamp}.pdf` };
  }

  $("send").addEventListener("submit", async (event) => {
    event.preventDefault();
    problem("");
    if (!shots.length) { problem("Prenez ou choisissez d’abord une photo.", $("shoot").hidden ? $("pick") : $("shoot")); return; }
    const chosen = $("send").querySelector("input[name=kind]:checked");
    if (!chosen) { problem("Dites d’abord quel document c’est.", $("send").querySelector("input[name=kind]")); return; }
    $("send-button").disabled = true;
    try {
      const made = await documentOf();
      if (who && made.blob.size > who.max) throw new Error(`Ce document est trop volumineux : ${Math.round(who.max / 1048576)} Mo au plus. Envoyez-le en plusieurs fois.`);
      const [direction, kind] = chosen.value.split(":");
      await queue.add({ ...made, pages: shots.length, kind, direction, dossier: who ? who.dossier : "", company: who ? who.company : "" });
      for (const one of shots) await queue.remove("shots", one.key);
      shots = [];
      retaking = null;
      armed = false;
      chosen.checked = false;
      showShots();
      say(navigator.onLine ? "Document confié à l’envoi." : "Document gardé sur cet appareil : il partira au retour du réseau.");
      send();
    } catch (error) {
      problem(error.message || "Le document n’a pas pu être préparé.", $("send-button"));
    } finally {
      $("send-button").disabled = false;
    }
  });

  // ── Queue ──
  let stopped = "";
  let unreached = false; // whatever the device says of its network: nobody answered
  let again = 0;
  let patience = SOON;
  async function send() {
    clearTimeout(again);
    if (registration && "sync" in registration) registration.sync.register("photos").catch(() => {});
    stopped = await queue.flush(config);
    // With nothing to send nobody was asked: ask, where nobody answered before.
    const nobody = stopped === "offline" || (unreached && (await queue.session(config)) === "offline");
    unreached = nobody;
    network();
    await showQueue();
    // A service away, or a network that says it is there and is not: later, less and less often.
    patience = nobody ? Math.min(2 * patience, LATE) : SOON;
    if (nobody) again = setTimeout(send, patience);
  }

  async function showQueue() {
    const items = await queue.list();
    $("queue").hidden = !items.length;
    $("items").replaceChildren(...items.map((one) => {
      const item = document.createElement("li");
      item.dataset.state = one.state;
      const [words, tone, image] = STATES[one.state];
      const state = document.createElement("span");
      state.className = `badge-state ${tone}`;
      state.append(icon(image), ` ${words}`);
      const what = document.createElement("span");
      what.className = "what";
      const time = new Date(one.at).toLocaleString("fr-FR", { dateStyle: "short", timeStyle: "short" });
      what.textContent = `${one.pages > 1 ? `${one.pages} pages` : "1 page"} · ${time}`;
      item.append(state, what);
      if (one.state === "sent" && !one.arrived) {
        const pending = document.createElement("span");
        pending.textContent = "Réception en cours…";
        item.append(pending);
        soonArrived(one);
      } else if (one.state === "sent") {
        const link = document.createElement("a");
        link.href = config.documents + one.document;
        link.textContent = "Ouvrir le document";
        item.append(link);
      } else if (one.state !== "sending") {
        if (one.state === "refused") item.append(button("refresh", "Réessayer", async () => { await queue.retry(one.key); send(); }, { text: true }));
        item.append(button("trash", "Supprimer", () => {
          if (confirm("Supprimer ces photos qui ne sont pas encore envoyées ?")) queue.discard(one.key);
        }, { text: true }));
      }
      const reason = one.reason || (one.state === "waiting" && stopped === "signed-out" ? "signed-out" : "");
      if (reason) {
        const why = document.createElement("p");
        why.className = "why";
        if (reason === "signed-out") {
          const link = document.createElement("a");
          link.href = config.signin;
          link.textContent = "Connectez-vous pour envoyer.";
          why.append(link);
        } else {
          why.textContent = reason;
        }
        item.append(why);
      }
      return item;
    }));
  }

  // The storage has it; the document exists a moment later. Its link is shown when it leads somewhere.
  const asked = new Set();
  async function soonArrived(one) {
    if (asked.has(one.key)) return;
    asked.add(one.key);
    for (let tries = 0; tries < 30; tries += 1) {
      const answer = await fetch(`${config.documents}${one.document}/etat`, { redirect: "manual", cache: "no-store" }).catch(() => null);
      if (answer && answer.type !== "opaqueredirect" && answer.ok) break;
      await new Promise((done) => { setTimeout(done, Math.min(500 * 2 ** tries, 5000)); });
    }
    asked.delete(one.key);
    await queue.put("queue", Object.assign(one, { arrived: true }));
    showQueue();
  }
  let showing = 0;
  const soon = () => { clearTimeout(showing); showing = setTimeout(showQueue, 30); };
  self.addEventListener("queue-changed", soon);
  if (queue.channel) queue.channel.addEventListener("message", soon);

  function network() { $("network").hidden = navigator.onLine && !unreached; }
  addEventListener("offline", network);
  addEventListener("online", () => { network(); send(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });

  // ── Start ──
  let registration = null;
  async function start() {
    $("app").hidden = false;
    network();
    if ("serviceWorker" in navigator) {
      registration = await navigator.serviceWorker.register(config.worker, { scope: config.page }).catch(() => null);
    }
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    shots = (await queue.all("shots")).sort((one, other) => one.order - other.order);
    armed = !shots.length; // opened again before the sheet it took already
    showShots();
    startCamera();
    const found = await queue.session(config);
    who = typeof found === "string" ? (await queue.get("notes", "session")) || null : found;
    unreached = found === "offline";
    network();
    await send();
  }
  start();
})();
