"use strict";
(() => {
  const root = document.documentElement;
  const one = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll(".row")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const find = one("find");
  const shown = one("shown");
  let kind = "";

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, place) => {
      const fits = words.every((word) => texts[place].includes(word)) && (!kind || row.dataset.kind === kind);
      row.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = words.length || kind ? `${count} of ${rows.length}` : "";
  };

  const openAll = () => {
    const all = rows.filter((row) => row.tagName === "DETAILS" && !row.hidden);
    const open = all.some((row) => !row.open);
    all.forEach((row) => { row.open = open; });
    one("open").textContent = open ? "close all" : "open all";
  };

  const step = (by) => {
    const all = rows.filter((row) => row.tagName === "DETAILS" && !row.hidden).map((row) => row.firstElementChild);
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  };

  const turn = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };

  find.addEventListener("input", filter);
  one("theme").addEventListener("click", turn);
  one("open").addEventListener("click", openAll);
  document.querySelectorAll("[data-show]").forEach((button) => {
    button.addEventListener("click", () => {
      kind = button.dataset.show;
      document.querySelectorAll("[data-show]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      filter();
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.activeElement === find) {
      if (event.key === "Escape") { find.value = ""; filter(); find.blur(); }
      return;
    }
    const act = { "/": () => find.focus(), j: () => step(1), k: () => step(-1), e: openAll, t: turn }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  addEventListener("beforeprint", () => rows.forEach((row) => { if (row.tagName === "DETAILS") row.open = true; }));
  one("tools").hidden = false;
  root.dataset.ready = "yes";
})();
