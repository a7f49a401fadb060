// Progressive enhancement for every page. Each page works without it.
//
// data-dialog="id"      opens that <dialog>          data-close       closes the dialog around it
// data-confirm="words"  asks before a form is sent   data-print       prints the page
// data-autosubmit       sends a filter form when a choice changes
// data-autosave="/url"  keeps a draft of the form 800 ms after typing; [data-saved] shows when
// data-words="500"      counts the characters of a textarea into [data-words-for="<its id>"]
// data-rows             J and K (or the arrows) walk the rows of a table, Enter follows the row's first link

const byId = (id) => document.getElementById(id);
const typing = (el) => el instanceof HTMLElement && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));
const token = () => {
  try { return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRF-Token"] || ""; } catch { return ""; }
};

document.addEventListener("click", (event) => {
  const el = event.target instanceof Element ? event.target : null;
  if (!el) return;
  const opener = el.closest("[data-dialog]");
  if (opener) {
    const dialog = byId(opener.getAttribute("data-dialog"));
    if (dialog instanceof HTMLDialogElement) { event.preventDefault(); dialog.showModal(); return; }
  }
  if (el.closest("[data-close]")) { el.closest("dialog")?.close(); return; }
  if (el.closest("[data-print]")) { window.print(); return; }
  for (const menu of document.querySelectorAll("details:is(.menu, .locked)[open]")) if (!menu.contains(el)) menu.open = false;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const words = event.submitter?.getAttribute("data-confirm") || form.getAttribute("data-confirm");
  if (words && !window.confirm(words)) { event.preventDefault(); return; }
  // A second tap must not send the form twice; the server's idempotency stands behind this.
  if (form.method === "post" && form.target === "") {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => { delete form.dataset.sent; event.submitter?.removeAttribute("aria-busy"); }, 8000);
  }
});

document.addEventListener("change", (event) => {
  const form = event.target instanceof HTMLSelectElement && event.target.form;
  if (form && form.hasAttribute("data-autosubmit")) form.requestSubmit();
});

// The theme changes at once and is told to the server behind.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-theme-switch]");
  if (!(button instanceof HTMLButtonElement) || !button.form) return;
  event.preventDefault();
  const root = document.documentElement;
  const asked = root.getAttribute("data-bs-theme");
  const dark = asked === "dark" || (asked === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const next = dark ? "light" : "dark";
  root.setAttribute("data-bs-theme", next);
  const use = button.querySelector("use");
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, dark ? "#moon" : "#sun"));
  const body = new FormData(button.form);
  body.set("theme", next);
  fetch(button.form.action, { method: "POST", body: new URLSearchParams(body), headers: { "X-CSRF-Token": token() }, redirect: "manual" }).catch(() => {});
});

// Keys: / searches, J and K walk, N goes to the next fault, Ctrl+Enter submits. Single letters rest while typing.
const GO = { h: "/home", c: "/competitions/manage", n: "/honours", s: "/studios/manage" };
let going = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && typing(event.target)) { event.target.form?.requestSubmit(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.body.hasAttribute("data-no-keys")) return;
  const key = event.key.toLowerCase();
  if (going && GO[key] && Date.now() - going < 1500) { going = 0; location.assign(GO[key]); return; }
  going = key === "g" ? Date.now() : 0;
  if (key === "/") { const box = document.querySelector("[data-find], input[type=search]"); if (box) { event.preventDefault(); box.focus(); } }
  if (key === "n") { const next = nextFault(); if (next) { event.preventDefault(); next.focus(); next.scrollIntoView({ block: "center" }); } }
  if (key === "j" || key === "k") walk(key === "j" ? 1 : -1, event);
  const row = document.activeElement?.closest("[data-rows] tbody tr");
  if (row && (key === "arrowdown" || key === "arrowup")) walk(key === "arrowdown" ? 1 : -1, event);
  if (row && key === "enter" && event.target === row) row.querySelector("a")?.click();
});

function walk(step, event) {
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  if (!rows.length) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement?.closest("tr"));
  const row = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
  row.tabIndex = -1;
  row.focus();
}

function nextFault() {
  const faults = [...document.querySelectorAll("[aria-invalid=true], .has-fault, .cell-bad, .cell-warn")];
  const at = faults.indexOf(document.activeElement);
  const next = faults[(at + 1) % faults.length];
  if (next && !typing(next)) next.tabIndex = -1;
  return next;
}

// Word counters and drafts.
function count(area) {
  const out = document.querySelector(`[data-words-for="${area.id}"]`);
  if (!out) return;
  const length = [...area.value.replace(/\s/g, "")].length;
  const limit = Number(area.dataset.words);
  out.textContent = `${length} / ${limit}`;
  out.classList.toggle("is-over", length > limit);
}
const timers = new WeakMap();
document.addEventListener("input", (event) => {
  const el = event.target;
  if (el instanceof HTMLTextAreaElement && el.dataset.words) count(el);
  const form = el instanceof Element && el.closest("form[data-autosave]");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keepDraft(form, 0), 800));
});
async function keepDraft(form, tries) {
  const told = document.querySelector("[data-saved]");
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-CSRF-Token": token() } });
    if (!answer.ok) throw new Error(String(answer.status));
    if (told) told.textContent = `${told.dataset.saved || ""} ${new Date().toLocaleTimeString("zh-CN", { hour12: false })}`.trim();
  } catch {
    if (told) told.textContent = told.dataset.unsaved || "";
    if (tries < 5) setTimeout(() => keepDraft(form, tries + 1), 2000 * 2 ** tries);
  }
}

function dress(root) {
  for (const area of root.querySelectorAll("textarea[data-words]")) count(area);
  for (const link of root.querySelectorAll('.form-sum a[href^="#"]')) {
    // "Required" four times says nothing: the field's own label goes before it.
    const label = document.querySelector(`label[for="${CSS.escape(link.hash.slice(1))}"]`);
    const words = label?.firstChild?.textContent.trim();
    if (words && !link.textContent.includes(words)) link.prepend(`${words}${document.documentElement.lang === "en" ? ": " : "："}`);
  }
  root.querySelector("[data-focus]")?.focus();
}
document.addEventListener("htmx:load", (event) => { dress(event.detail.elt); sendWhatWaits(event.detail.elt); });

// A form that htmx sends while somebody types (hx-trigger="input …") misses what was typed before htmx was there, and what
// could not be sent: both are sent by themselves, the second up to five times, ever later.
const SENT_WHILE_TYPING = 'form[hx-post][hx-trigger^="input"]';
const typedIn = (form) => [...form.elements].some((el) =>
  el instanceof HTMLTextAreaElement ? el.value !== el.defaultValue
    : el instanceof HTMLInputElement ? (/^(checkbox|radio)$/.test(el.type) ? el.checked !== el.defaultChecked : el.type !== "hidden" && el.value !== el.defaultValue)
    : false);
const send = (form) => form.dispatchEvent(new Event("input", { bubbles: true }));
function sendWhatWaits(root) {
  for (const form of root.querySelectorAll(SENT_WHILE_TYPING)) if (typedIn(form)) send(form);
}
const failures = new WeakMap();
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches(SENT_WHILE_TYPING)) return;
    const status = event.detail.xhr?.status || 0;
    const tries = failures.get(form) || 0;
    if (tries >= 5 || (status >= 400 && status < 500 && status !== 429)) return; // a refusal stays one
    failures.set(form, tries + 1);
    setTimeout(() => send(form), 2000 * 2 ** tries);
  });
}
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) failures.delete(event.target); });
dress(document);
