// Keys of the lists: j/k next and previous row, Enter opens (a focused link does), / search, ? help, g i inbox.
(function () {
  "use strict";
  document.documentElement.classList.add("live"); // filters act at once, the button is for browsers without scripts
  let afterG = false;
  const typing = (el) => el && (/^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName) || el.isContentEditable);
  const rows = () => Array.from(document.querySelectorAll("[data-row]"));
  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((a) => a === document.activeElement || a.closest("tr")?.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  }
  // A menu of the header closes when the reader goes elsewhere.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (e) => menus().forEach((m) => { if (!m.contains(e.target)) m.open = false; }));
  document.addEventListener("focusin", (e) => menus().forEach((m) => { if (!m.contains(e.target)) m.open = false; }));
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") menus().forEach((m) => { m.open = false; m.querySelector("summary").focus(); });
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape" && typing(document.activeElement)) { document.activeElement.blur(); return; }
    if (typing(document.activeElement)) return;
    const key = { "о": "j", "л": "k", ".": "/", ",": "?", "п": "g", "ш": "i" }[e.key.toLowerCase()] || e.key; // the Russian layout
    if (afterG && key === "i") { location.href = "/"; }
    afterG = key === "g";
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "/") { const find = document.getElementById("find"); if (find) { e.preventDefault(); find.focus(); } }
    else if (key === "?") location.href = "/keys";
  });
  // A lost connection is said aloud instead of a button that does nothing.
  const say = (text) => { const box = document.getElementById("trouble"); if (box) { box.textContent = text; box.hidden = !text; } };
  document.addEventListener("htmx:sendError", () => say("Нет связи с сервером. Ничего не записано, попробуйте ещё раз."));
  document.addEventListener("htmx:timeout", () => say("Сервер не ответил вовремя. Обновите страницу и проверьте, записано ли решение."));
  document.addEventListener("htmx:beforeRequest", () => say(""));
  // What is counted over a whole region may take seconds: after a third of one it is said that the answer is coming. A
  // file comes without a new page: its answer sets a cookie with the mark the form sent.
  let waits = 0;
  const busy = (text) => { clearTimeout(waits); const box = document.getElementById("busy"); if (!box) return;
    if (text) waits = setTimeout(() => { box.textContent = text; }, 300); else box.textContent = ""; };
  const slow = (el) => el instanceof Element ? el.closest("[data-slow]") : null;
  const told = (el) => busy(el.dataset.slow || "Считаем…");
  document.addEventListener("submit", (e) => { const el = slow(e.target); if (!el) return; told(el);
    const mark = el.querySelector("input[name=sent]"); if (!mark) return;
    mark.value = Date.now().toString(36); const look = setInterval(() => {
      if (document.cookie.includes("sent=" + mark.value)) { clearInterval(look); busy(""); } }, 300); });
  document.addEventListener("click", (e) => { const el = slow(e.target); if (el?.tagName === "A" && !e.ctrlKey && !e.metaKey && !e.shiftKey) told(el); });
  document.addEventListener("htmx:beforeRequest", (e) => { const el = slow(e.target); if (el) told(el); });
  document.addEventListener("htmx:afterRequest", () => busy(""));
  window.addEventListener("pageshow", () => busy(""));
  // How much of a large list has gone up.
  document.addEventListener("htmx:xhr:progress", (e) => { const bar = e.target.querySelector?.("progress.sending");
    if (bar && e.detail.total > 200000) { bar.hidden = false; bar.max = e.detail.total; bar.value = e.detail.loaded; } });
  // After a swap the focus goes to the message that answers the action, so that a screen reader hears it.
  document.addEventListener("htmx:afterSwap", () => { const box = document.getElementById("trouble"); if (box && box.textContent.trim()) box.hidden = false;
    const said = document.querySelector("[data-say]"); if (said) said.focus(); });
  // A browser writes the day of a date field in the language of its own windows (11/06 or 06.11, whatever the page says), so
  // the chosen day stands under the field in Russian words.
  const WORDS = new Intl.DateTimeFormat("ru-RU", { weekday: "short", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  function inWords(field) {
    let said = field.nextElementSibling;
    if (!said?.matches(".day-said")) {
      said = document.createElement("small"); said.className = "day-said"; said.id = field.id + "-said"; field.after(said);
      field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), said.id].filter(Boolean).join(" "));
    }
    said.textContent = field.valueAsDate ? WORDS.format(field.valueAsDate) : "";
  }
  const days = () => document.querySelectorAll("input[type=date]").forEach(inWords);
  days();
  document.addEventListener("htmx:afterSettle", days);
  document.addEventListener("input", (e) => { if (e.target.type === "date") inWords(e.target); });
  // The button of a file field is ours (style.css, .pick): the name of the chosen file and the request for one are, too.
  function picked(field) {
    const said = field.parentElement.querySelector("output"), names = Array.from(field.files, (file) => file.name);
    if (said) said.textContent = names.join(", ") || "файл не выбран";
    field.setCustomValidity(names.length || !field.required ? "" : field.dataset.empty || "");
  }
  const files = () => document.querySelectorAll("input[type=file]").forEach(picked);
  files();
  window.addEventListener("pageshow", files);
  document.addEventListener("change", (e) => { if (e.target.type === "file") picked(e.target); });
  // The open list is asked every minute, and when the window is looked at again, whether anything changed; it is not
  // redrawn under the hands of somebody who is in it.
  async function refresh() {
    const list = document.querySelector("#list[data-mark]");
    if (!list || document.visibilityState !== "visible" || list.contains(document.activeElement)) return;
    try {
      const answer = await fetch("/changes" + location.search, { headers: { Accept: "application/json" } });
      if (answer.redirected) { say("Сеанс закончился. Обновите страницу и войдите снова."); return; }
      if (!answer.ok) return;
      if ((await answer.json()).mark !== list.dataset.mark) htmx.ajax("GET", "/" + location.search, { target: "#list", swap: "outerHTML" });
    } catch (lost) { /* the next minute asks again */ }
  }
  setInterval(refresh, 60000);
  window.addEventListener("focus", refresh);
})();
