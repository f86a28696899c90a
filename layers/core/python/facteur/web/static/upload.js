// Dropping files: one presigned form and one progress bar per file, three at a time.
// Bytes go straight to the bucket; our server only signs the form. What stops a file is told in
// French, and « Réessayer » takes it up again: the file is still held by this page.
"use strict";

(() => {
  const zone = document.getElementById("upload");
  if (!zone) return;
  const input = document.getElementById("upload-input");
  const list = document.getElementById("uploads");
  const kind = document.getElementById("upload-kind");
  const veil = document.getElementById("drop");
  const most = Number(zone.dataset.max);
  const waiting = [];
  const stopped = new Set(); // jobs that may be tried again
  let running = 0;
  let depth = 0;

  // Why a file stopped; `again`: another try may do; `open`: the page to open first, and its words.
  class Stopped extends Error {
    constructor(text, { again = true, open = null } = {}) {
      super(text);
      this.again = again;
      this.open = open;
    }
  }
  const AWAY = "Pas de réseau, ou Facteur ne répond pas : vérifiez la connexion, puis réessayez.";
  const LATER = "Facteur n’a pas pu prendre ce fichier : réessayez dans un moment.";

  document.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    if (pick) { event.preventDefault(); input.click(); }
  });
  input.addEventListener("change", () => { add(input.files); input.value = ""; });

  const holdsFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  document.addEventListener("dragenter", (event) => { if (holdsFiles(event)) { depth += 1; veil.hidden = false; } });
  document.addEventListener("dragleave", (event) => { if (holdsFiles(event)) { depth -= 1; if (depth <= 0) hide(); } });
  document.addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    hide();
    add(event.dataTransfer.files);
  });
  function hide() { depth = 0; veil.hidden = true; }

  // Leaving now would abandon files that are on their way: the browser asks first.
  window.addEventListener("beforeunload", (event) => {
    if (running || waiting.length) event.preventDefault();
  });
  // A list that refreshes itself goes to the sign-in page once the session is over: not under
  // files that wait for another try.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "list" && stopped.size) event.preventDefault();
  });

  function add(files) {
    for (const file of files) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.className = "upload-name";
      name.textContent = file.name;
      const bar = document.createElement("progress");
      bar.max = 100;
      bar.setAttribute("aria-label", `Envoi de ${file.name}`);
      const state = document.createElement("span");
      item.append(name, bar, state);
      list.append(item);
      list.hidden = false;
      queue({ file, item, bar, state, kind: kind ? kind.value : "" });
    }
    next();
  }

  function queue(job) {
    stopped.delete(job);
    job.bar.value = 0;
    job.bar.hidden = false;
    job.state.className = "";
    job.state.textContent = "En attente";
    waiting.push(job);
  }

  function next() {
    while (running < 3 && waiting.length) {
      const job = waiting.shift();
      running += 1;
      send(job)
        .catch((error) => fail(job, error instanceof Stopped ? error : new Stopped(LATER)))
        .finally(() => { running -= 1; next(); });
    }
  }

  async function send(job) {
    if (job.file.size > most) throw new Stopped(`Trop volumineux : ${Math.round(most / 1048576)} Mo au plus.`, { again: false });
    const form = await signed(job);
    await post(job, form);
    job.bar.value = 100;
    job.state.textContent = "Reçu, lecture en cours";
    arrived(job, zone.dataset.documents + form.document);
    for (const delay of [1000, 3000, 6000]) {
      setTimeout(() => window.htmx.trigger(document.body, "documents-changed"), delay);
    }
  }

  // Our server's answer; a redirection is not followed: it is the sign-in page, or another one.
  function ask(address, options) {
    return fetch(address, { redirect: "manual", cache: "no-store", ...options })
      .catch(() => { throw new Stopped(AWAY); });
  }
  const signedOut = (answer) => answer.type === "opaqueredirect" || answer.status === 401;

  // The presigned form of a file. A session opened again since this page was shown has another
  // token: it is asked for, and the file goes on if the same dossier is open.
  async function signed(job) {
    let answer = await asked(job);
    if (answer.status === 403 || signedOut(answer)) {
      await renew();
      answer = await asked(job);
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said && said.url) return said;
    const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
    throw new Stopped((said && said.detail) || LATER, { again: !(refused && said && said.detail) });
  }

  function asked(job) {
    const { file } = job;
    return ask(zone.dataset.action, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
      body: new URLSearchParams({ csrf: zone.dataset.csrf, filename: file.name, media_type: file.type, size: file.size, declared_kind: job.kind }),
    });
  }

  async function renew() {
    const answer = await ask(zone.dataset.session, { headers: { Accept: "application/json" } });
    if (signedOut(answer)) {
      throw new Stopped("Votre session est terminée : reconnectez-vous, puis réessayez ici.", { open: [zone.dataset.signin, "Se reconnecter"] });
    }
    const who = answer.ok ? await answer.json().catch(() => null) : null;
    if (!who) throw new Stopped(answer.status === 403 ? "Vous n’avez pas le droit de déposer des fichiers dans ce dossier." : LATER);
    if (who.dossier !== zone.dataset.dossier) {
      throw new Stopped(`Un autre dossier est ouvert dans ce navigateur (${who.company}) : revenez à ${zone.dataset.company}, puis réessayez ici.`, { open: [zone.dataset.dossiers, "Changer de dossier"] });
    }
    zone.dataset.csrf = who.csrf;
  }

  // The storage has it; the document exists a moment later, and only then is there a page to open.
  async function arrived(job, address) {
    for (let tries = 0; tries < 30; tries += 1) {
      await new Promise((done) => { setTimeout(done, Math.min(800 * 2 ** tries, 8000)); });
      const answer = await fetch(`${address}/etat`, { redirect: "manual", cache: "no-store" }).catch(() => null);
      if (!answer || answer.type === "opaqueredirect" || !answer.ok) continue;
      job.state.replaceChildren(linkTo(address, "Reçu : ouvrir le document"));
      return;
    }
  }

  function post(job, answer) {
    return new Promise((resolve, reject) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(answer.fields)) form.append(name, value);
      form.append("file", job.file);
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        const percent = Math.round((event.loaded * 100) / event.total);
        job.bar.value = percent;
        job.state.textContent = `${percent} %`;
      });
      request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Stopped("Le stockage n’a pas pris ce fichier : réessayez."))));
      request.addEventListener("error", () => reject(new Stopped("L’envoi a été interrompu : vérifiez la connexion, puis réessayez.")));
      request.open("POST", answer.url);
      request.send(form);
    });
  }

  function linkTo(address, words) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = words;
    return link;
  }

  function fail(job, { message, again, open }) {
    job.bar.hidden = true;
    job.state.className = "failed";
    const parts = [message];
    if (open) {
      const link = linkTo(open[0], `${open[1]} (nouvel onglet)`);
      link.target = "_blank";
      parts.push(" ", link);
    }
    if (again) {
      stopped.add(job);
      const retry = document.createElement("button");
      retry.type = "button";
      retry.className = "btn btn-sm";
      retry.textContent = "Réessayer";
      retry.setAttribute("aria-label", `Réessayer : ${job.file.name}`);
      retry.addEventListener("click", () => {
        queue(job);
        next();
        job.item.tabIndex = -1;
        job.item.focus();
      });
      parts.push(" ", retry);
    }
    job.state.replaceChildren(...parts);
  }
})();
