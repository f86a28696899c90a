// Dropping files: one presigned form and one progress bar per file, three at a time.
// Bytes go straight to the bucket; our server only signs the form.
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
  let running = 0;
  let depth = 0;

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

  function add(files) {
    for (const file of files) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.className = "upload-name";
      name.textContent = file.name;
      const bar = document.createElement("progress");
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", `Envoi de ${file.name}`);
      const state = document.createElement("span");
      state.textContent = "En attente";
      item.append(name, bar, state);
      list.append(item);
      list.hidden = false;
      waiting.push({ file, item, bar, state, kind: kind ? kind.value : "" });
    }
    next();
  }

  function next() {
    while (running < 3 && waiting.length) {
      const job = waiting.shift();
      running += 1;
      send(job)
        .catch((error) => fail(job, error.message))
        .finally(() => { running -= 1; next(); });
    }
  }

  async function send(job) {
    const { file } = job;
    if (file.size > most) throw new Error(`Trop volumineux : ${Math.round(most / 1048576)} Mo au plus.`);
    const asked = await fetch(zone.dataset.action, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
      body: new URLSearchParams({ csrf: zone.dataset.csrf, filename: file.name, media_type: file.type, size: file.size, declared_kind: job.kind }),
    });
    const answer = await asked.json().catch(() => ({}));
    if (!asked.ok) throw new Error(answer.detail || "Ce fichier n’a pas été accepté.");
    await post(job, answer);
    job.bar.value = 100;
    job.state.textContent = "Reçu, lecture en cours";
    arrived(job, zone.dataset.documents + answer.document);
    for (const delay of [1000, 3000, 6000]) {
      setTimeout(() => window.htmx.trigger(document.body, "documents-changed"), delay);
    }
  }

  // The storage has it; the document exists a moment later, and only then is there a page to open.
  async function arrived(job, address) {
    for (let tries = 0; tries < 30; tries += 1) {
      await new Promise((done) => { setTimeout(done, Math.min(800 * 2 ** tries, 8000)); });
      const answer = await fetch(`${address}/etat`, { redirect: "manual", cache: "no-store" }).catch(() => null);
      if (!answer || answer.type === "opaqueredirect" || !answer.ok) continue;
      const link = document.createElement("a");
      link.href = address;
      link.textContent = "Reçu : ouvrir le document";
      job.state.replaceChildren(link);
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
      request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Error("L’envoi a été refusé par le stockage."))));
      request.addEventListener("error", () => reject(new Error("L’envoi a été interrompu : vérifiez la connexion et recommencez.")));
      request.open("POST", answer.url);
      request.send(form);
    });
  }

  function fail(job, text) {
    job.bar.remove();
    job.state.className = "failed";
    job.state.textContent = text;
  }
})();
