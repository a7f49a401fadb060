// The live board. The server draws every board; this module swaps it in as it comes, turns the screens of twelve rows,
// lights up the rows that moved, and shows the time. Without it the page reloads itself every 15 seconds.

const root = document.getElementById("board");
const wide = matchMedia("(min-width: 900px)");
const status = document.querySelector(".live-link");
const skew = Date.parse(root.dataset.now) - Date.now();
const perScreen = Number(root.dataset.screen) || 12;
let screen = 0;

const rowsNow = () => [...root.querySelectorAll(".board tbody tr")];
const ranks = () => new Map(rowsNow().map((row) => [row.dataset.entry, row.dataset.rank]));

function showScreen() {
  const rows = rowsNow();
  const screens = wide.matches ? Math.max(1, Math.ceil(rows.length / perScreen)) : 1;
  screen %= screens;
  rows.forEach((row, at) => { row.hidden = screens > 1 && Math.floor(at / perScreen) !== screen; });
  const place = document.querySelector("[data-screens]");
  if (!place) return;
  if (screens === 1) { place.replaceChildren(); return; }
  const dots = document.createElement("span");
  dots.className = "screens";
  dots.setAttribute("aria-hidden", "true");
  for (let at = 0; at < screens; at += 1) {
    const dot = document.createElement("i");
    if (at === screen) dot.className = "is-on";
    dots.append(dot);
  }
  const words = (root.dataset.screenWords || "{n} / {m}").replace("{n}", String(screen + 1)).replace("{m}", String(screens));
  place.replaceChildren(words, dots);
}

function showTime() {
  const now = new Date(Date.now() + skew);
  const part = (options) => new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "Asia/Shanghai", ...options }).format(now);
  const clock = root.querySelector("[data-clock]");
  const day = root.querySelector("[data-day]");
  if (clock) clock.textContent = part({ hour: "2-digit", minute: "2-digit", hour12: false });
  if (day) day.textContent = part({ month: "long", day: "numeric", weekday: "long" });
}

function swap(html) {
  const before = ranks();
  root.innerHTML = html;
  for (const row of rowsNow()) {
    if (before.size && before.get(row.dataset.entry) !== row.dataset.rank) row.classList.add("just-moved");
  }
  showTime();
  showScreen();
}

const connected = (yes) => { if (status) status.hidden = yes; };

async function poll() {
  try {
    const answer = await fetch(root.dataset.board, { headers: { Accept: "text/html" } });
    const over = answer.headers.get("X-Board-Over");
    if (over) { location.assign(over); return; }
    if (answer.ok) { swap(await answer.text()); connected(true); }
  } catch { connected(false); }
}

let polling = 0;
function listen() {
  const stream = new EventSource(root.dataset.stream);
  stream.addEventListener("open", () => { connected(true); clearInterval(polling); polling = 0; });
  stream.addEventListener("board", (event) => swap(event.data));
  stream.addEventListener("over", (event) => { stream.close(); location.assign(event.data); });
  stream.addEventListener("error", () => {
    connected(false);
    if (!polling) polling = setInterval(poll, 8000);
    // A refused stream (a full house) is closed for good by the browser: ask again later.
    if (stream.readyState === EventSource.CLOSED) { stream.close(); setTimeout(listen, 20000 + Math.random() * 10000); }
  });
}

showTime();
showScreen();
setInterval(showTime, 5000);
setInterval(() => { screen += 1; showScreen(); }, 10000);
wide.addEventListener("change", showScreen);
if ("EventSource" in window) listen();
else setInterval(poll, 8000);
