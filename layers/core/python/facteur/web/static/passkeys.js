// Passkeys: turns the bytes of Web Authentication into the text of a form, and back.
// The challenge comes from the server and the answer is checked there; nothing here decides anything.
"use strict";

(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const button = form.querySelector("button");
  const trouble = document.querySelector("[data-passkey-trouble]");
  const elsewhere = document.querySelector("[data-passkey-elsewhere]");

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (one) => one.charCodeAt(0));
  };
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const sentences = {
    NotAllowedError: "La demande a été annulée, ou elle a expiré. Vous pouvez recommencer.",
    InvalidStateError: "Cet appareil a déjà une clé d’accès de votre compte.",
    SecurityError: "Les clés d’accès ne fonctionnent pas à cette adresse.",
    NotSupportedError: "Cet appareil ne sait pas créer de clé d’accès.",
    throttled: "Trop d’essais : attendez un quart d’heure avant de recommencer.",
    other: "La clé d’accès n’a pas pu être utilisée. Rechargez la page et recommencez.",
  };
  function say(name) {
    trouble.querySelector("span").textContent = sentences[name] || sentences.other;
    trouble.hidden = false;
  }

  async function create() {
    const options = JSON.parse(form.dataset.options);
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: named(options.excludeCredentials),
      },
    });
    return { made, response: { attestationObject: text(made.response.attestationObject) } };
  }

  async function sign() {
    const asked = await fetch(form.dataset.question, {
      method: "POST",
      body: new URLSearchParams({ csrf: form.elements.csrf.value }),
    });
    if (!asked.ok) throw Object.assign(new Error(), { name: asked.status === 429 ? "throttled" : "other" });
    const { token, options } = await asked.json();
    form.elements.jeton.value = token;
    const made = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge) },
    });
    const { authenticatorData, signature, userHandle } = made.response;
    return {
      made,
      response: {
        authenticatorData: text(authenticatorData),
        signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      },
    };
  }

  async function answer(event) {
    event.preventDefault();
    trouble.hidden = true;
    button.disabled = true;
    try {
      const { made, response } = await (form.dataset.passkey === "create" ? create() : sign());
      form.elements.reponse.value = JSON.stringify({
        id: made.id,
        rawId: text(made.rawId),
        type: made.type,
        response: { ...response, clientDataJSON: text(made.response.clientDataJSON) },
      });
      form.submit();
    } catch (error) {
      say(error.name);
      button.disabled = false;
    }
  }

  // A passkey belongs to one host name: elsewhere, say where.
  if (location.hostname !== form.dataset.party) {
    elsewhere.hidden = false;
  } else if (!window.PublicKeyCredential) {
    if (form.dataset.passkey === "create") say("NotSupportedError");
  } else {
    form.hidden = false;
    button.hidden = false;
    form.addEventListener("submit", answer);
  }
})();
