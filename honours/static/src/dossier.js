// The dossier form: counters that count as the server does (H62), what is over the limit on red ground, folding sections on
// the phone, and the way to the next fault. Everything works without it.
import { count, cut } from "/static/counting.js";

const number = (value) => value.toLocaleString("en-US");

function tell(area) {
  const most = Number(area.dataset.most || 0);
  const least = Number(area.dataset.least || 0);
  const about = Number(area.dataset.about || 0);
  const shown = document.querySelector(`[data-counted="${area.id}"]`);
  const n = count(area.value);
  const over = most > 0 && n > most;
  const off = about > 0 && (n < least || n > Number(area.dataset.upto));
  if (shown) {
    shown.textContent = `${number(n)} / ${number(most || about)}`;
    shown.classList.toggle("is-over", over);
    shown.classList.toggle("is-off", off);
  }
  const meter = document.querySelector(`[data-meter="${area.id}"]`);
  if (meter) meter.value = Math.min(n, Number(meter.max));
  const behind = area.previousElementSibling;
  if (behind?.classList.contains("behind")) {
    const at = over ? cut(area.value, most) : area.value.length;
    const mark = document.createElement("mark");
    mark.textContent = area.value.slice(at);
    behind.replaceChildren(area.value.slice(0, at), mark, "\n");
    behind.scrollTop = area.scrollTop;
  }
}

document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLTextAreaElement && event.target.dataset.counts !== undefined) tell(event.target);
});
document.addEventListener("scroll", (event) => {
  const behind = event.target instanceof HTMLTextAreaElement && event.target.previousElementSibling;
  if (behind && behind.classList.contains("behind")) behind.scrollTop = event.target.scrollTop;
}, true);
for (const area of document.querySelectorAll("textarea[data-counts]")) tell(area);

// On a phone only the section that is asked for stands open; on a desk all do.
const narrow = matchMedia("(max-width: 767px)");
const sections = [...document.querySelectorAll("details.dossier-part")];
function fold() {
  const asked = location.hash && document.querySelector(location.hash)?.closest("details.dossier-part");
  const first = asked || sections.find((one) => one.querySelector("[aria-invalid=true], .s-bad")) || sections[0];
  for (const one of sections) one.open = !narrow.matches || one === first;
}
narrow.addEventListener("change", fold);
addEventListener("hashchange", () => {
  const target = location.hash && document.querySelector(location.hash);
  const part = target?.closest("details.dossier-part");
  if (part) { part.open = true; target.scrollIntoView({ block: "start" }); }
});
fold();
