// A presigned form: its size is checked before anything leaves, and a refusal of the storage is
// told here, in French. Without scripts the browser posts it, and the storage answers by itself.
"use strict";

(() => {
  const figure = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });
  const megabytes = (bytes, round) => `${figure.format(round((bytes * 10) / 1048576) / 10)} Mo`;

  for (const form of document.querySelectorAll("form[data-most]")) prepare(form);

  function prepare(form) {
    const input = form.querySelector("input[type=file]");
    const fault = form.querySelector("[data-send-fault]");
    const state = form.querySelector("[data-send-state]");
    const most = Number(form.dataset.most);
    let sending = false;

    input.addEventListener("change", () => tell(tooLarge()));
    window.addEventListener("pageshow", () => { state.textContent = ""; }); // back from the next page
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (sending) return;
      const wrong = tooLarge();
      tell(wrong);
      if (wrong) { input.focus(); return; }
      send();
    });

    function tooLarge() {
      const file = input.files[0];
      if (!file || file.size <= most) return "";
      return `Ce fichier fait ${megabytes(file.size, Math.ceil)} : ${megabytes(most, Math.floor)} au plus.`;
    }

    function tell(words) {
      fault.textContent = words;
      fault.hidden = !words;
      if (words) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }

    // The storage answers a file that it took by sending the browser back to our page: that answer
    // is not followed here, the browser goes there itself.
    async function send() {
      sending = true;
      state.textContent = "Envoi en cours…";
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" })
        .catch(() => null);
      sending = false;
      if (answer && (answer.ok || answer.type === "opaqueredirect")) {
        location.assign(form.elements.namedItem("success_action_redirect").value);
        return;
      }
      state.textContent = "";
      tell(await reason(answer));
      input.focus();
    }

    async function reason(answer) {
      if (!answer) return "L’envoi a été interrompu : vérifiez la connexion et que le fichier n’a pas bougé, puis recommencez.";
      const said = await answer.text().catch(() => "");
      if (said.includes("EntityTooLarge")) return `Ce fichier est trop lourd : ${megabytes(most, Math.floor)} au plus.`;
      if (answer.status === 403) return "Cette page est ouverte depuis trop longtemps : rechargez-la, puis recommencez.";
      return "Le stockage n’a pas pris ce fichier : recommencez dans un moment.";
    }
  }
})();
