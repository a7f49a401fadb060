// The rule-set builder, smoother: one module at a time, Enter goes down a column. Everything works without this file.

const zone = () => document.getElementById("rules-zone");

function show(index) {
  const root = zone();
  if (!root) return;
  const sections = [...root.querySelectorAll("[data-module-section]")];
  if (!sections.length) return;
  const at = Math.max(0, Math.min(sections.length - 1, Number(index) || 0));
  sections.forEach((section, n) => { section.hidden = n !== at; });
  root.querySelectorAll("[data-module]").forEach((item, n) => item.classList.toggle("is-shown", n === at));
  const kept = root.querySelector("input[name=shown]");
  if (kept) kept.value = String(at);
}

// Where a new row, a fault or the reader's own choice is: that module is shown.
function dress() {
  const root = zone();
  if (!root) return;
  const section = root.querySelector("[data-module-section] [data-focus]") || root.querySelector("[data-module-section] [aria-invalid=true]");
  const found = section?.closest("[data-module-section]");
  show(found ? found.getAttribute("data-module-section") : root.querySelector("input[name=shown]")?.value);
  root.querySelector("[data-focus]")?.focus();
}

document.addEventListener("click", (event) => {
  const el = event.target instanceof Element ? event.target : null;
  const item = el?.closest("[data-module]");
  if (item && !el.closest("button, input, select")) { event.preventDefault(); show(item.getAttribute("data-module")); return; }
  const link = el?.closest(".form-sum a[href^='#f-']");
  const target = link && document.getElementById(link.getAttribute("href").slice(1));
  const section = target?.closest("[data-module-section]");
  if (section) show(section.getAttribute("data-module-section"));
  const more = target?.closest("[popover]");
  if (more) { event.preventDefault(); more.showPopover(); target.focus(); }
});

document.addEventListener("focusin", (event) => {
  const item = event.target instanceof Element && event.target.closest("[data-module]");
  if (item) show(item.getAttribute("data-module"));
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (event.key !== "Enter" || event.ctrlKey || !(input instanceof HTMLInputElement) || !input.closest("[data-rules]")) return;
  event.preventDefault();
  const cell = input.closest("td");
  const place = cell ? [...cell.parentElement.children].indexOf(cell) : -1;
  let row = cell?.parentElement.nextElementSibling;
  while (row && !row.children[place]?.querySelector("input")) row = row.nextElementSibling;
  row?.children[place]?.querySelector("input")?.focus();
});

document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "rules-zone" || event.detail.elt.querySelector?.("#rules-zone")) dress(); });
dress();
