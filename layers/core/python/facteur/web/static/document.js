// The document page: focus on a field lights its place on the page and scrolls to it; a click on
// the page goes to the field; zoom; rows that can be removed; a second window that follows.
"use strict";

(() => {
  const levels = ["0.75", "1", "1.5", "2", "3"];
  const viewer = document.getElementById("viewer");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("facteur-document") : null;

  function light(field) {
    const boxes = Array.from(document.querySelectorAll(".boxes rect"));
    boxes.forEach((one) => one.classList.toggle("on", one.dataset.field === field));
    const box = boxes.find((one) => one.dataset.field === field);
    const pages = document.querySelector(".pages-view");
    if (!box || !pages) return;
    const place = box.getBoundingClientRect();
    const frame = pages.getBoundingClientRect();
    if (place.top < frame.top + 20 || place.bottom > frame.bottom - 20) {
      pages.scrollTop += place.top - frame.top - frame.height / 3;
    }
    if (place.left < frame.left || place.right > frame.right) {
      pages.scrollLeft += place.left - frame.left - frame.width / 4;
    }
  }

  // The page loads itself again once the document has moved, but not under what is being typed.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "waiting" && document.querySelector("#statut-form form")) {
      event.preventDefault();
    }
  });

  document.addEventListener("focusin", (event) => {
    const field = event.target.dataset && event.target.dataset.field;
    if (!field) return;
    light(field);
    if (channel) channel.postMessage({ field });
  });

  document.addEventListener("click", (event) => {
    const box = event.target.closest(".boxes rect");
    if (box) {
      const control = document.querySelector(`#fields [data-field="${CSS.escape(box.dataset.field)}"]:not(fieldset), #fields [data-field="${CSS.escape(box.dataset.field)}"]`);
      if (control) {
        const folded = control.closest("details");
        if (folded) folded.open = true;
        control.focus();
      }
    }
    const zoom = event.target.closest("[data-zoom]");
    if (zoom) {
      const pages = document.querySelector(".pages-view");
      const at = levels.indexOf(pages.dataset.zoomLevel) + (zoom.dataset.zoom === "in" ? 1 : -1);
      const level = levels[Math.min(Math.max(at, 0), levels.length - 1)];
      pages.dataset.zoomLevel = level;
      document.querySelector("[data-zoom-value]").textContent = `${Number(level) * 100} %`;
    }
    const remove = event.target.closest("[data-remove]");
    if (remove) {
      const row = remove.closest("fieldset");
      row.querySelectorAll("input").forEach((one) => { one.value = ""; });
      row.hidden = true;
    }
    if (event.target.closest("[data-detach]")) {
      const head = document.querySelector("[data-viewer]");
      window.open(head.dataset.viewer, "facteur-page", "width=900,height=1200");
    }
  });

  // What the columns of the lines are called follows the choice of HT or TTC.
  function called() {
    const choice = document.querySelector("[data-taxed]");
    if (!choice) return;
    document.querySelectorAll("label[data-incl]").forEach((one) => {
      one.textContent = choice.value ? one.dataset.incl : one.dataset.excl;
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-taxed]")) called();
  });
  window.addEventListener("pageshow", called);

  // The button says into how many invoices the file would be cut.
  function count() {
    const words = document.querySelector("[data-split]");
    const cuts = document.querySelectorAll(".cut input:checked").length;
    if (words) words.textContent = cuts ? words.dataset.split.replace("{n}", cuts + 1) : words.dataset.splitNone;
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches(".cut input")) count();
  });
  window.addEventListener("pageshow", count);

  // A link to a field inside a folded block opens the block.
  function unfold() {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let one = target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    if (target.id === "refuser") target.open = true;
    target.focus();
  }
  window.addEventListener("hashchange", unfold);
  unfold();

  // The second window follows the document and the field of the first.
  const head = document.querySelector("[data-viewer]");
  const follower = document.querySelector("[data-follow]");
  if (channel && head) channel.postMessage({ document: head.dataset.document });
  if (channel && follower) {
    channel.addEventListener("message", (event) => {
      if (event.data.field) light(event.data.field);
      const address = event.data.document && `${follower.dataset.follow}${event.data.document}/page`;
      if (address && !location.pathname.endsWith(address)) location.assign(address);
    });
  }

  // A presigned image link may expire while one reads: ask for a fresh page of links once.
  if (viewer) {
    viewer.addEventListener("error", (event) => {
      if (event.target.matches && event.target.matches(".sheet img") && !viewer.dataset.retried) {
        viewer.dataset.retried = "1";
        window.htmx.ajax("GET", location.pathname, { target: "#viewer", swap: "innerHTML" });
      }
    }, true);
  }
})();
