// The expert's tablet: items on the left, the item in the middle, the sum, outputs and panel on the right.
import { Store, handedTo, newKey } from "/static/visit-store.js";
import { cents, itemsOf, loss, result, shown, standing } from "/static/visit-sums.js";

const root = document.getElementById("visit");
const W = JSON.parse(root.dataset.words);
const SPRITE = root.dataset.icons;
const say = (name, values = {}) => W[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const esc = (text) => String(text ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const icon = (name) => `<svg class="icon" aria-hidden="true"><use href="${SPRITE}#${name}"/></svg>`;
let at = 0;
let trouble = "";

const store = new Store(root.dataset.visit, root.dataset.account, () => draw());
const items = () => itemsOf(store.state.table);
const bonuses = () => store.state.table.bonus.map((one) => ({ ...one, code: `+${one.code}`, kind: "bonus", checks: [] }));
const places = () => [...items(), ...bonuses()];
const locked = () => store.state.signed || store.state.closed;

function sync() {
  const waiting = store.waiting(), pictures = store.photos.length;
  const odd = [...store.cells.values()].some((cell) => ["two", "refused"].includes(cell.state)) || store.photos.some((one) => one.says);
  const [state, words, mark] = odd ? ["bad", W.refused, "alert-triangle"]
    : store.link === "signed-out" ? ["bad", W.signed_out, "alert-triangle"] : store.link === "gone" ? ["bad", W.gone, "alert-triangle"]
    : store.link === "offline" ? ["warn", W.offline, "cloud-off"] : store.link === "sending" || waiting || pictures ? ["info", W.sending, "cloud-upload"]
    : ["ok", W.received, "cloud-check"];
  return `<span class="sync is-pill s-${state}" role="status">${icon(mark)}<b>${words}</b><span>${say("saved_n", { n: store.server.size })} · ${say("waiting_n", { n: waiting, k: pictures })}</span></span>`;
}

function head(ready) {
  const { title, context, unit } = store.state;
  return `<header class="desk-head"><a class="back" href="/studios/visits" aria-label="${W.back}">${icon("chevron-left")}</a>
    <div><h1>${esc(title)}</h1><p>${esc(context)} · ${esc(unit)}</p></div>${sync()}
    <button class="btn${ready ? " btn-primary" : ""}" data-do="sign" aria-disabled="${!ready}">${icon(store.state.signed ? "check" : "lock")}${store.state.signed ? W.signed : W.sign}</button></header>`;
}

function list() {
  const rows = places().map((item, n) => {
    if (item.kind === "bonus") return row(n, item.label, `+${store.answer(item.code)?.count ?? 0}`, "", "plus");
    const { value } = result(item, store.answer(item.code));
    return row(n, item.label, value === null ? "—" : shown(value), item.points, n === at ? "pencil" : value === null ? "circle" : "check");
  });
  const old = store.state.earlier.length ? `<section class="earlier"><b>${say("earlier_n", { n: store.state.earlier.length })}</b>${store.state.earlier.map((one) => `<p>${esc(one.text)}：<span class="${one.done ? "t-ok" : "t-bad"}">${one.done ? W.mended : W.unmended}</span></p>`).join("")}</section>` : "";
  return `<nav class="visit-list" aria-label="${W.items}"><ol>${rows.join("")}</ol>${old}${refusals()}<p class="why">${trouble ? `<span class="t-bad">${esc(trouble)}</span>` : why()}</p></nav>`;
}
const row = (n, label, value, full, mark) => `<li><button data-at="${n}" ${n === at ? 'aria-current="true"' : ""}>${icon(mark)}<span class="grow">${esc(label)}</span><span class="v"><b>${value}</b>${full ? ` <small>/ ${esc(full)}</small>` : ""}</span></button></li>`;
const labelOf = (code) => places().find((item) => item.code === code)?.label ?? code;

function refusals() {
  const odd = [...store.cells.values()].filter((cell) => ["two", "refused"].includes(cell.state));
  return odd.map((cell) => `<div class="versions"><p class="t-bad">${cell.state === "two" ? say("two", { item: esc(labelOf(cell.item)), n: cell.theirs }) : `${esc(labelOf(cell.item))}：${esc(cell.says)}`}</p>
    ${cell.state === "two" ? `<button class="btn btn-sm" data-choose="mine" data-item="${esc(cell.item)}">${W.mine}</button>` : ""}
    <button class="btn btn-sm" data-choose="theirs" data-item="${esc(cell.item)}">${cell.state === "two" ? W.theirs : W.drop}</button></div>`).join("");
}

function why() {
  const missing = items().length - standing(store.state.table, (code) => store.answer(code)).done;
  const waiting = store.waiting() + store.photos.length;
  if (store.state.signed) return W.signed;
  return missing || waiting ? `${say("cannot_sign", { missing, waiting })} <span class="rule-tag">T8</span>` : W.can_sign;
}

function checkRow(item, check) {
  const given = store.answer(item.code)?.checks?.[check.code];
  const lost = loss(check, given);
  const [yes, no] = check.kind === "note" ? [W.fits, W.fits_not] : [W.yes, W.no];
  const off = locked() ? "disabled" : "";
  const control = check.kind === "count"
    ? `<span class="stepper-keys" role="group" aria-label="${esc(check.label)}"><button ${off} data-step="-1" data-check="${esc(check.code)}" aria-label="${W.less}">−</button><output>${given ?? "—"}</output><button ${off} data-step="1" data-check="${esc(check.code)}" aria-label="${W.more}">+</button></span>`
    : `<span class="pair-keys" role="radiogroup" aria-label="${esc(check.label)}"><button ${off} role="radio" aria-checked="${given === true}" class="is-yes" data-say="1" data-check="${esc(check.code)}">${yes}</button><button ${off} role="radio" aria-checked="${given === false}" class="is-no" data-say="0" data-check="${esc(check.code)}">${no}</button></span>`;
  const takes = check.kind === "note" ? (given === false ? `<span class="t-warn">${W.to_mend}</span>` : "") : lost === null ? "—" : lost ? `<b class="t-bad">−${shown(lost)}</b>` : "0";
  return `<li class="check"><div><b>${esc(check.label)}</b><small>${esc(check.says)}</small></div>${control}<span class="lost">${takes}</span></li>`;
}

function judged(item) {
  const step = cents(store.state.table.step), full = cents(item.points), now = store.answer(item.code)?.points;
  const whole = [];
  for (let n = 0; n <= full; n += Math.max(step, full > 2000 ? 500 : 100)) whole.push(n);
  const off = locked() ? "disabled" : "";
  const keys = whole.map((n) => `<button ${off} role="radio" aria-checked="${now != null && cents(now) === n}" data-points="${shown(n)}">${shown(n)}</button>`).join("");
  return `<li class="check is-judged"><div><b>${esc(item.evidence || item.label)}</b><small>${say("judged_range", { n: esc(item.points), step: esc(store.state.table.step) })}</small></div>
    <span class="stepper-keys"><button ${off} data-nudge="-1" aria-label="${W.less}">−</button><output>${now ?? "—"}</output><button ${off} data-nudge="1" aria-label="${W.more}">+</button></span>
    <span class="point-keys" role="radiogroup" aria-label="${esc(item.label)}">${keys}</span></li>`;
}

function bonus(item) {
  const now = store.answer(item.code)?.count ?? 0, off = locked() ? "disabled" : "";
  return `<li class="check"><div><b>${esc(item.label)}</b><small>${say("each_cap", { each: esc(item.each), cap: esc(item.cap) })}</small></div>
    <span class="stepper-keys"><button ${off} data-more="-1" aria-label="${W.less}">−</button><output>${now}</output><button ${off} data-more="1" aria-label="${W.more}">+</button></span><span class="lost"></span></li>`;
}

function photoCards(item) {
  const sent = store.state.photos.filter((one) => one.item === item.code).map((one) => ({ ...one, src: `/studios/visits/${store.id}/photos/${one.id}`, mark: "cloud-check", says: W.on_server }));
  const kept = store.photos.filter((one) => one.item === item.code).map((one) => ({ ...one, src: `data:image/jpeg;base64,${one.data}`, mark: "device-tablet", placed: Boolean(one.latitude), says: one.says || W.on_device }));
  const all = [...sent, ...kept];
  const cards = all.map((one) => `<figure><img src="${one.src}" alt="${esc(one.caption || labelOf(one.item))}" loading="lazy"><span class="where" title="${esc(one.says)}">${icon(one.mark)}</span><figcaption><b>${esc(one.caption || labelOf(one.item))}</b>${new Date(one.taken_at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" })}${one.placed ? ` · ${W.placed}` : ""}</figcaption></figure>`).join("");
  return [all.length, cards];
}

function middle() {
  const item = places()[at], isBonus = item.kind === "bonus";
  const { value } = isBonus ? { value: 0 } : result(item, store.answer(item.code));
  const rows = isBonus ? bonus(item) : `${item.kind === "judged" ? judged(item) : ""}${item.checks.map((check) => checkRow(item, check)).join("")}`;
  const [count, cards] = isBonus ? [0, ""] : photoCards(item);
  const note = store.answer(item.code)?.note ?? "";
  const before = places()[at - 1], after = places()[at + 1], off = locked() ? "disabled" : "";
  return `<div class="visit-mid"><div class="visit-scroll"><div class="item-head"><h2>${at + 1} ${esc(item.label)} <span class="rule-tag">${esc(item.rule)}</span></h2>
    ${isBonus ? "" : `<span class="push">${item.kind === "deducted" ? say("full_start", { n: esc(item.points) }) : ""} <b>${value === null ? "—" : shown(value)}</b> / ${esc(item.points)}</span>`}</div>
    <ul class="checks">${rows}</ul>
    ${isBonus ? "" : `<section class="proof"><header><b>${W.evidence}</b><small>${say("photos_n", { n: count })}</small><span class="push"></span><label class="btn${locked() ? " disabled" : ""}">${icon("camera")}${W.photo}<input class="vh" type="file" accept="image/*" capture="environment" data-photo ${off}></label><label class="btn" for="note">${icon("pencil")}${W.note}</label></header>
    <div class="photo-row">${cards}</div><textarea id="note" class="form-control" rows="2" maxlength="500" aria-label="${W.note_label}" data-note ${off}>${esc(note)}</textarea></section>`}</div>
    <footer class="visit-turns">${before ? `<button class="btn" data-at="${at - 1}">${icon("chevron-left")}${at} ${esc(before.label)}</button>` : "<span></span>"}${after ? `<button class="btn btn-primary" data-at="${at + 1}">${at + 2} ${esc(after.label)}${icon("chevron-right")}</button>` : "<span></span>"}</footer></div>`;
}

function gauge(sum, full, table) {
  const x = (value) => Math.min((value / full) * 300, 300).toFixed(1);
  const lines = [table.rectify, table.qualified, table.excellent].map((line) => `<rect x="${x(cents(line)) - 1}" y="0" width="2" height="18" fill="currentColor"/><text x="${x(cents(line))}" y="32" text-anchor="middle">${esc(line)}</text>`).join("");
  return `<svg class="gauge" viewBox="-2 0 310 36" aria-hidden="true"><rect y="5" width="300" height="8" rx="4" class="rail"/><rect y="5" width="${x(sum)}" height="8" rx="4" class="fill"/>${lines}</svg>`;
}

function side(sum) {
  const { table, outputs, panel } = store.state;
  const cell = (n) => (n === null || n === undefined ? "—" : n);
  const rows = outputs.map((one) => `<tr><th scope="row">${esc(one.label)}${one.twice ? ` <span class="chip s-bad">${say("twice_n", { n: one.twice })}</span>` : ""}</th><td class="num">${cell(one.before)}</td><td class="num"><b>${cell(one.now)}</b></td></tr>`).join("");
  const seats = panel.map((one) => `<li><span>${one.me ? `${W.me} · ${esc(one.name)}` : say("expert_n", { n: one.place })}</span><span class="push ${one.standing === "signed" ? "t-ok" : one.standing === "begun" ? "t-info" : "t-wait"}">${W[`st_${one.standing}`]}</span></li>`).join("");
  return `<aside class="visit-side"><section class="card"><div class="sum-line"><span>${say("done_n", { n: sum.done, all: items().length })}</span><span class="push"><b>${shown(sum.sum)}</b> / ${shown(sum.begun)}</span></div>
    ${gauge(sum.sum, sum.full, table)}<p>${say("lines", { a: esc(table.excellent), b: esc(table.qualified), c: esc(table.rectify) })}</p>${sum.done < items().length ? `<p>${say("rest", { n: shown(sum.high - sum.sum), low: shown(sum.low), high: shown(sum.high) })}</p>` : ""}</section>
    <section class="card"><header><b>${W.outputs}</b> <span class="rule-tag">T11</span></header>${outputs.length ? `<table class="outputs"><thead><tr><td></td><th scope="col" class="num">${W.last_year}</th><th scope="col" class="num">${W.this_year}</th></tr></thead><tbody>${rows}</tbody></table>` : `<p>${W.no_outputs}</p>`}</section>
    <section class="card"><header><b>${say("panel_n", { n: panel.length })}</b><span class="push small">${W.own_only}</span></header><ul class="seats">${seats}</ul></section></aside>`;
}

function draw() {
  const camera = root.querySelector("[data-photo]");
  if (!store.state) return;
  at = Math.min(at, places().length - 1);
  const held = document.activeElement?.id === "note" ? [document.activeElement.value, document.activeElement.selectionStart] : null;
  const scrolled = [".visit-list", ".visit-scroll", ".visit-side"].map((name) => root.querySelector(name)?.scrollTop ?? 0);
  const sum = standing(store.state.table, (code) => store.answer(code));
  const ready = !locked() && sum.done === items().length && !store.waiting() && !store.photos.length && store.link === "idle";
  root.innerHTML = `<div class="desk visit">${head(ready)}${list()}${middle()}${side(sum)}</div>`;
  [".visit-list", ".visit-scroll", ".visit-side"].forEach((name, n) => { const found = root.querySelector(name); if (found) found.scrollTop = scrolled[n]; });
  if (held) { const note = root.querySelector("#note"); if (note) { [note.value] = held; note.focus(); note.selectionStart = note.selectionEnd = held[1]; } }
  const next = root.querySelector("[data-photo]");
  if (camera && next && !next.disabled) next.replaceWith(camera); // what the camera hands over meanwhile must find its field
  root.dataset.ready = "1";
}

root.addEventListener("click", async (event) => {
  const key = event.target.closest("button");
  if (!key || key.disabled) return;
  const item = places()[at], now = store.answer(item.code);
  if (key.dataset.at) { await keepNote(); at = Number(key.dataset.at); trouble = ""; location.replace(`#${at + 1}`); draw(); }
  else if (key.dataset.say) store.put(item.code, { check: key.dataset.check, value: key.dataset.say === "1" });
  else if (key.dataset.step) {
    const check = item.checks.find((one) => one.code === key.dataset.check), held = now?.checks?.[check.code];
    store.put(item.code, { check: check.code, value: held === undefined ? check.target : Math.max(held + Number(key.dataset.step), 0) });
  } else if (key.dataset.points) store.put(item.code, { points: key.dataset.points });
  else if (key.dataset.nudge) {
    const next = now?.points == null ? cents(item.points) : cents(now.points) + Number(key.dataset.nudge) * cents(store.state.table.step);
    store.put(item.code, { points: shown(Math.min(Math.max(next, 0), cents(item.points))) });
  } else if (key.dataset.more) store.put(item.code, { count: Math.max((now?.count ?? 0) + Number(key.dataset.more), 0) });
  else if (key.dataset.choose) store.choose(key.dataset.item, key.dataset.choose === "mine");
  else if (key.dataset.do === "sign") {
    if (key.getAttribute("aria-disabled") === "true" || !confirm(W.sure)) return;
    trouble = await store.sign();
    draw();
  }
});

async function keepNote() {
  const note = root.querySelector("[data-note]");
  if (!note || locked()) return;
  const item = places()[at].code;
  if (note.value !== (store.answer(item)?.note ?? "")) await store.put(item, { note: note.value });
}
let typing;
root.addEventListener("input", (event) => {
  if (!event.target.matches("[data-note]")) return;
  clearTimeout(typing);
  typing = setTimeout(keepNote, 400);
});
root.addEventListener("change", async (event) => {
  if (event.target.matches("[data-note]")) { clearTimeout(typing); await keepNote(); return; }
  if (!event.target.matches("[data-photo]") || !event.target.files[0]) return;
  const item = places()[at].code, file = event.target.files[0];
  event.target.value = ""; // the field stays: the same picture may be chosen again
  const [data, where] = await Promise.all([pixels(file), position()]);
  await store.addPhoto({ id: newKey(), item, caption: "", taken_at: new Date().toISOString(), latitude: where[0], longitude: where[1], data });
});

/** Only the pixels, at most 1600 on a side: what the camera wrote into the file stays on the device. */
async function pixels(file) {
  const drawn = await createImageBitmap(file);
  const scale = Math.min(1, 1600 / Math.max(drawn.width, drawn.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(drawn.width * scale));
  canvas.height = Math.max(1, Math.round(drawn.height * scale));
  canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.82).split(",")[1];
}

/** Where the device says it is, or nothing: nobody is kept from going on. */
function position() {
  return new Promise((done) => {
    if (!navigator.geolocation) { done(["", ""]); return; }
    setTimeout(() => done(["", ""]), 5000); // a question for permission that nobody answers has no time limit of its own
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done([coords.latitude.toFixed(6), coords.longitude.toFixed(6)]), () => done(["", ""]), { timeout: 4000, maximumAge: 60000 },
    );
  });
}

at = Math.max(Number(location.hash.slice(1) || 1) - 1, 0) || 0;
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/studios/visits/worker.js", { scope: "/studios/visits" }).catch(() => {});
handedTo(root.dataset.account).then(() => store.open()).then((open) => { if (!open) root.querySelector("[data-waiting]").textContent = W.cannot_open; });
