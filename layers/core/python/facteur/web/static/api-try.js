// The page « Essayer l'API »: one call to our own routes, its answer shown as text.
(() => {
  "use strict";
  const form = document.getElementById("try");
  if (!form) return;
  const field = (name) => document.getElementById(`try-${name}`);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const path = field("path").value.trim();
    const status = field("status");
    const shown = field("answer");
    if (!path.startsWith("/") || path.startsWith("//")) {
      status.textContent = "L’adresse commence par /.";
      return;
    }
    const method = field("method").value;
    const body = field("body").value.trim();
    const headers = { Authorization: `Bearer ${field("key").value.trim()}`, Accept: "application/json" };
    if (method === "POST") headers["Content-Type"] = "application/json";
    status.textContent = "…";
    try {
      const answer = await fetch(form.dataset.base + path, {
        method,
        headers,
        credentials: "omit",
        body: method === "POST" ? body || "{}" : undefined,
      });
      const text = await answer.text();
      status.textContent = `${answer.status} ${answer.statusText}`;
      shown.hidden = false;
      try {
        shown.textContent = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        shown.textContent = text;
      }
    } catch {
      status.textContent = "Pas de réponse.";
    }
  });
})();
