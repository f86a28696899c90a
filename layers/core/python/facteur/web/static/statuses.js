// « Changer le statut de la facture » on a row: right click, Shift+F10, or its « … » button.
// Without this script the button opens a page that offers the same. Nothing here decides anything.
"use strict";

(() => {
  let menu = null; // the menu that is open
  let opener = null; // the button of its row
  let asked = 0; // the last one that was asked for

  const buttonOf = (target) => {
    const row = target.closest && target.closest("[data-row]");
    return row && row.querySelector("[data-status-menu]");
  };
  const items = () => Array.from(menu.querySelectorAll("[role=menuitem]"));

  function close(back) {
    if (!menu) return;
    menu.remove();
    menu = null;
    const button = opener && (document.getElementById(opener.id) || opener);
    if (button) {
      button.removeAttribute("aria-expanded");
      if (back) button.focus();
    }
  }

  function place(x, y) {
    const box = menu.getBoundingClientRect();
    const left = Math.max(8, Math.min(x, window.innerWidth - box.width - 8));
    const top = Math.max(8, Math.min(y, window.innerHeight - box.height - 8));
    menu.style.left = `${left}px`;
    menu.style.top = `${top}px`;
  }

  async function open(button, x, y) {
    close(false);
    opener = button;
    asked += 1;
    const mine = asked;
    let words = "";
    try {
      const answer = await fetch(button.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      words = await answer.text();
    } catch {
      location.assign(button.href); // the page says what is the matter
      return;
    }
    if (mine !== asked) return;
    menu = document.createElement("div");
    menu.className = "status-menu card";
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-labelledby", "status-menu-title");
    menu.innerHTML = words; // ours: escaped by the server, and no script runs from it
    (document.getElementById("contenu") || document.body).append(menu);
    button.setAttribute("aria-expanded", "true");
    place(x, y);
    items()[0].focus();
  }

  function below(button) {
    const box = button.getBoundingClientRect();
    open(button, box.right - 336, box.bottom + 4);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-status-menu]");
    if (button && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (menu && opener && opener.id === button.id) close(true); else below(button);
      return;
    }
    if (menu && !event.target.closest(".status-menu")) close(false);
  });

  document.addEventListener("contextmenu", (event) => {
    if (event.target.closest(".status-menu")) return;
    const button = buttonOf(event.target);
    if (!button || event.ctrlKey || event.target.closest("input, select, textarea, button")) return;
    event.preventDefault();
    if (event.button === 2 || event.clientX) open(button, event.clientX, event.clientY);
    else below(button);
  });

  document.addEventListener("keydown", (event) => {
    if (menu) {
      const held = items();
      const at = held.indexOf(document.activeElement);
      const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: held.length - 1 };
      if (event.key in moves) {
        event.preventDefault();
        event.stopPropagation();
        held[(moves[event.key] + held.length) % held.length].focus();
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        close(true);
      } else if (event.key === "Tab") {
        close(true);
      } else if (event.key.length === 1) { // no shortcut of the page under the menu
        event.stopPropagation();
        if (event.key === " " && at >= 0) { event.preventDefault(); held[at].click(); }
      }
      return;
    }
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      const button = buttonOf(document.activeElement);
      if (!button) return;
      event.preventDefault();
      below(button);
    }
  }, true);

  window.addEventListener("resize", () => close(false));
  document.addEventListener("scroll", (event) => {
    if (menu && !menu.contains(event.target)) close(false);
  }, true);
  // The list refreshes itself: not under an open menu.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (menu && event.target.matches("#list")) event.preventDefault();
  });
})();
