// A long list of boxes: type to narrow it, tick all that is shown. Without script the list is whole.
(() => {
  "use strict";
  const box = document.querySelector("[data-narrow]");
  if (!box) return;
  const field = box.querySelector("[data-narrows]");
  const every = box.querySelector("[data-pick-all]");
  const rows = [...document.getElementById(field.dataset.narrows).children];
  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const shown = () => rows.filter((row) => !row.hidden);
  const ticks = (list) => list.map((row) => row.querySelector("input[type=checkbox]"));
  const state = () => {
    const all = ticks(shown());
    every.checked = all.length > 0 && all.every((one) => one.checked);
  };
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => plain(row.dataset.text).includes(word));
    state();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  every.addEventListener("change", () => {
    for (const one of ticks(shown())) one.checked = every.checked;
  });
  for (const one of ticks(rows)) one.addEventListener("change", state);
  box.hidden = false;
  state();
})();
