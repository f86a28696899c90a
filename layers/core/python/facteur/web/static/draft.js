// What is typed over a document outlives a session that ends, a reload, a wrong click: it is kept
// in this tab (sessionStorage) until it is saved, given up, or its author signs out. It never
// leaves the browser; facteur.js takes it away once the server has it.
"use strict";

(() => {
  const form = document.querySelector("#fields[data-draft]");
  const head = document.querySelector("[data-document]");
  if (!form || !head) return;
  const drafts = window.facteur.drafts;
  const key = `${drafts.prefix}${form.dataset.draft}.${head.dataset.document}`;
  const version = form.elements.namedItem("version").value;
  // After an answer that saved nothing the fields hold what was typed: it is no first state.
  const again = Boolean(document.getElementById("errors"));

  drafts.drop((name) => !name.startsWith(`${drafts.prefix}${form.dataset.draft}.`)); // somebody else's

  const held = (control) => control.name && !["hidden", "submit", "button"].includes(control.type);
  const first = (control) => {
    if (control.tagName !== "SELECT") return control.defaultValue;
    const chosen = Array.from(control.options).find((one) => one.defaultSelected) || control.options[0];
    return chosen ? chosen.value : "";
  };
  const rowOf = (name) => {
    const control = Array.from(form.elements).find((one) => one.name === name);
    return control ? control.closest("fieldset.row-set") : null;
  };

  function read() {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
  }
  const before = read();
  // A row is named by its place: once the document has moved, its place may be another row's.
  const ofRow = (name) => name.split("=")[0].includes(".");
  const rowsTyped = (draft) => Boolean(draft.lost || draft.removed.length || [...Object.keys(draft.values), ...draft.ticks].some(ofRow));
  const withoutRows = (draft) => ({
    values: Object.fromEntries(Object.entries(draft.values).filter(([name]) => !ofRow(name))),
    ticks: draft.ticks.filter((one) => !ofRow(one)),
    removed: [],
    lost: rowsTyped(draft),
  });
  // The rows of a page that says so are those that were typed, not those that are stored.
  const moved = Boolean(again && before && (before.moved || before.version !== version));
  const nothing = { values: {}, ticks: [], removed: [], lost: false };
  const carried = moved ? withoutRows(before) : again && before ? before : nothing;

  function record() {
    const draft = { version, moved, lost: Boolean(carried.lost), values: { ...carried.values }, ticks: [...carried.ticks], removed: [...carried.removed] };
    for (const control of Array.from(form.elements).filter(held)) {
      if (moved && ofRow(control.name)) {
        const typed = control.type === "checkbox" ? control.checked !== control.defaultChecked : control.value !== first(control);
        draft.lost = draft.lost || typed;
      } else if (control.type === "checkbox") {
        const tick = `${control.name}=${control.value}`;
        draft.ticks = draft.ticks.filter((one) => one !== tick);
        if (control.checked) draft.ticks.push(tick);
      } else if (control.value !== first(control)) draft.values[control.name] = control.value;
      else if (!again) delete draft.values[control.name];
    }
    for (const row of moved ? [] : form.querySelectorAll("fieldset.row-set[hidden]")) {
      const control = Array.from(row.elements).find((one) => one.name);
      if (control) draft.removed.push(control.name);
    }
    const empty = !Object.keys(draft.values).length && !draft.ticks.length && !draft.removed.length && !draft.lost;
    try {
      if (empty) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify(draft));
    } catch { /* no room, or a private window: the page works without it */ }
  }

  // Put back what was typed; the number of values that were not there already.
  function restore(draft, same) {
    const unfold = (control) => { const folded = control.closest("details"); if (folded) folded.open = true; };
    let found = 0;
    for (const [name, value] of Object.entries(draft.values)) {
      if (!same && ofRow(name)) continue;
      const control = Array.from(form.elements).find((one) => one.name === name && held(one));
      if (!control || control.value === value) continue;
      control.value = value;
      control.dispatchEvent(new Event("change", { bubbles: true }));
      unfold(control);
      found += 1;
    }
    for (const control of Array.from(form.elements).filter((one) => one.type === "checkbox")) {
      if (control.checked || (!same && ofRow(control.name)) || !draft.ticks.includes(`${control.name}=${control.value}`)) continue;
      control.checked = true;
      found += 1;
    }
    for (const row of same ? draft.removed.map(rowOf).filter(Boolean) : []) {
      row.querySelectorAll("input").forEach((one) => { one.value = ""; });
      row.hidden = true;
      found += 1;
    }
    return found;
  }

  // `found`: something was put back; `lost`: what was typed in rows was not.
  function tell(found, same, lost) {
    const notice = document.createElement("div");
    notice.className = "notice tone-blue";
    notice.id = "draft";
    notice.setAttribute("role", "status");
    const words = document.createElement("p");
    words.className = "mb-0";
    words.textContent = [
      found ? "Votre saisie, pas encore enregistrée, a été retrouvée." : "",
      same ? "" : `Le document a changé entre-temps : ${found ? "relisez-la, " : ""}les lignes sont celles d’aujourd’hui${lost ? ", ce que vous y aviez saisi n’a pas été repris" : ""}.`,
      "",
    ].filter((one, at) => one || at === 2).join(" ");
    const leave = document.createElement("a");
    leave.href = location.pathname;
    leave.dataset.forget = "";
    leave.textContent = "L’abandonner";
    if (found) words.append(leave);
    notice.append(words);
    document.querySelector(".alerts").prepend(notice);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-forget]")) sessionStorage.removeItem(key);
    if (event.target.closest("[data-remove]")) setTimeout(record);
  });
  if (before && !again) {
    const same = before.version === version && !before.moved;
    const found = restore(before, same);
    const lost = !same && rowsTyped(before);
    if (found || lost) tell(found, same, lost);
    record();
  }
  for (const happening of ["input", "change"]) {
    document.addEventListener(happening, (event) => { if (event.target.form === form) record(); });
  }
  // Sent: once the server says that it is done, the next page takes the draft away.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("#fields, .refuse-form")) drafts.sent(key);
  });
})();
