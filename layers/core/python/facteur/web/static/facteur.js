// Comfort for every page: copying, notices, the Assistance panel, keyboard shortcuts.
// The pages work without it; nothing here decides anything.
"use strict";

(() => {
  const store = { key: "facteur.raccourcis" };
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const root = document.documentElement;

  root.classList.add("js");
  const reveal = (where) => all("[data-copy], [data-js], [data-dismiss], [data-all], [data-remove], [data-zoom-bar]", where)
    .forEach((one) => { one.hidden = false; });
  reveal(document);

  function say(text, tone) {
    const notice = document.createElement("div");
    notice.className = `notice tone-${tone || "green"}`;
    const words = document.createElement("span");
    words.textContent = text;
    notice.append(words);
    find("#notices").replaceChildren(notice);
    setTimeout(() => notice.remove(), 6000);
  }

  // ── What was typed and is not saved yet (draft.js): gone once it is saved, or signed out ──
  const drafts = {
    prefix: "facteur.saisie.",
    mark: "facteur.saisie-envoyee",
    drop(unwanted) {
      try {
        Object.keys(sessionStorage).filter((name) => name.startsWith(drafts.prefix) && unwanted(name))
          .forEach((name) => sessionStorage.removeItem(name));
      } catch { /* no storage here */ }
    },
    sent(key) { try { sessionStorage.setItem(drafts.mark, key); } catch { /* nor here */ } },
    // On each page: « fait » is how the server says that what was sent is done.
    settle(done) {
      try {
        const key = sessionStorage.getItem(drafts.mark);
        sessionStorage.removeItem(drafts.mark);
        if (done && done.startsWith("signed_out")) drafts.drop(() => true);
        else if (done && key) drafts.drop((name) => name === key);
      } catch { /* no storage here */ }
    },
  };
  drafts.settle(new URL(location.href).searchParams.get("fait"));
  window.facteur = { say, find, all, reveal, drafts };

  // ── A form that must be sent once: a second click, while the first is on its way, does nothing ──
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-once]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const buttons = Array.from(form.elements).filter((one) => one.type === "submit");
    buttons.forEach((one) => one.setAttribute("aria-disabled", "true"));
    setTimeout(() => free(form), 15000); // it never left: somebody stopped it
  });
  function free(form) {
    delete form.dataset.sent;
    Array.from(form.elements).forEach((one) => one.removeAttribute("aria-disabled"));
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) all("[data-sent]").forEach(free); });

  // ── Copy, dismiss, menu ──
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const input = document.getElementById(copy.dataset.copy);
      input.select();
      try {
        await navigator.clipboard.writeText(input.value);
      } catch {
        document.execCommand("copy");
      }
      say("Adresse copiée.");
    }
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".notice").remove();
  });
  // A notice is shown once: reloading the page must not repeat it.
  const here = new URL(location.href);
  if (here.searchParams.has("fait")) {
    here.searchParams.delete("fait");
    here.searchParams.delete("lot");
    history.replaceState(history.state, "", here);
  }
  const errors = find("[data-focus]");
  if (errors) errors.focus();

  // ── Tabs: where they scroll, on a phone, the current one is in sight ──
  function showCurrentTab() {
    const current = find(".tabs [aria-current]");
    if (!current) return;
    const tabs = current.closest(".tabs");
    const beyond = current.getBoundingClientRect().left - tabs.getBoundingClientRect().left;
    tabs.scrollLeft += beyond - (tabs.clientWidth - current.offsetWidth) / 2;
  }
  showCurrentTab();
  document.addEventListener("htmx:afterSwap", showCurrentTab);

  // ── Assistance: the panel keeps the page as it is ──
  // Two buttons open it: at the foot of a wide window, in the top bar of a phone.
  const buttons = all("[data-panel='assistance']");
  const panel = find("#assistance");
  const body = find("#assistance-body");

  function openPanel(address) {
    if (!panel) return;
    panel.hidden = false;
    buttons.forEach((one) => one.setAttribute("aria-expanded", "true"));
    if (address || !body.dataset.loaded) {
      body.dataset.loaded = "1";
      window.htmx.ajax("GET", address || body.dataset.src, { target: body, swap: "innerHTML" })
        .then(() => { const search = find("input[type=search]", body); if (search) search.focus(); });
    } else {
      const search = find("input[type=search]", body);
      if (search) search.focus();
    }
  }
  function closePanel() {
    if (!panel || panel.hidden) return false;
    panel.hidden = true;
    buttons.forEach((one) => one.setAttribute("aria-expanded", "false"));
    const seen = buttons.find((one) => one.offsetParent !== null || getComputedStyle(one).position === "fixed");
    if (seen) seen.focus();
    return true;
  }
  if (panel && window.htmx) {
    buttons.forEach((button) => {
      button.setAttribute("role", "button");
      button.setAttribute("aria-expanded", "false");
      button.setAttribute("aria-controls", "assistance");
      button.addEventListener("click", (event) => {
        event.preventDefault();
        if (panel.hidden) openPanel(); else closePanel();
      });
      button.addEventListener("keydown", (event) => {
        if (event.key === " ") { event.preventDefault(); button.click(); }
      });
    });
    find("[data-close]", panel).addEventListener("click", closePanel);
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    reveal(event.target);
    const wanted = find("[data-focus]", event.target);
    if (wanted) wanted.focus();
  });

  // ── Selection of the archives ──
  // Listened to from above: a list that refreshes itself replaces its rows. It waits while some are ticked.
  const boxes = (selection) => all("td input[type=checkbox]", selection);
  document.addEventListener("change", (event) => {
    const selection = event.target.closest("[data-selection]");
    const every = selection && find("[data-all]", selection);
    if (!every) return;
    if (event.target === every) boxes(selection).forEach((one) => { one.checked = every.checked; });
    const number = boxes(selection).filter((one) => one.checked).length;
    const words = number ? `${number} sélectionné${number > 1 ? "s" : ""}` : "";
    all("[data-selected]", selection).forEach((one) => { one.textContent = words; });
    every.checked = number > 0 && number === boxes(selection).length;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const busy = event.target.matches("#list[data-selection]") && find("td input:checked, details[open]", event.target);
    if (busy) event.preventDefault();
  });

  // ── Keyboard shortcuts: never in a field, and they can be switched off (WCAG 2.1.4) ──
  const dialog = find("#raccourcis");
  const toggle = find("[data-shortcuts]");
  const enabled = () => { try { return localStorage.getItem(store.key) !== "non"; } catch { return true; } };
  if (toggle) {
    toggle.checked = enabled();
    toggle.addEventListener("change", () => {
      try { localStorage.setItem(store.key, toggle.checked ? "oui" : "non"); } catch { /* private mode */ }
    });
  }
  all("[data-open=raccourcis]").forEach((one) => one.addEventListener("click", (event) => {
    if (dialog) { event.preventDefault(); dialog.showModal(); }
  }));

  const go = (path) => {
    const link = all(".menu a").find((one) => new URL(one.href).pathname.endsWith(path));
    if (link) link.click();
  };
  let prefix = "";
  const rows = () => all("[data-row] .row-link");
  function move(step) {
    const held = rows();
    const at = held.indexOf(document.activeElement);
    if (held.length) held[Math.min(Math.max(at + step, 0), held.length - 1)].focus();
  }
  const actions = {
    "?": () => dialog && dialog.showModal(),
    "/": () => { const search = all("[data-search]").find((one) => one.offsetParent); if (search) search.select(); else openPanel(); },
    j: () => { const next = find("[data-key=j]"); if (next) next.click(); else move(1); },
    k: () => { if (find("[data-key=j]") || find(".document-page")) history.back(); else move(-1); },
    x: () => { const row = document.activeElement.closest("[data-row]"); const box = row && find("input[type=checkbox]", row); if (box) box.click(); },
    e: () => { const first = all("#fields input:not([type=hidden]):not([readonly])")[0]; if (first) first.focus(); },
    a: () => { const accept = find("#accept"); if (accept) accept.focus(); },
    v: () => { const accept = find("[data-key=v]"); if (accept && !accept.disabled) accept.click(); },
    r: () => { const refuse = find("#refuser"); if (refuse) { refuse.open = true; find("#reason").focus(); } },
  };
  const places = { t: "/", a: "/achats", v: "/ventes", r: "/archives" };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (closePanel()) return;
      const refuse = find("#refuser");
      if (refuse && refuse.open) { refuse.open = false; find("summary", refuse).focus(); return; }
      if (document.activeElement.matches("input, textarea, select")) document.activeElement.blur();
      return;
    }
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !enabled() || !dialog || dialog.open) return;
    if (prefix === "g") {
      prefix = "";
      if (places[event.key]) { event.preventDefault(); go(places[event.key]); }
      return;
    }
    if (event.key === "g") {
      prefix = "g";
      setTimeout(() => { prefix = ""; }, 1200);
      return;
    }
    if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
  });
})();
