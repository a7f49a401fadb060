// The desk drawn from its state: strings of HTML by region, every value escaped. No decision is made here.
import { allowed, markOf, share, shown } from "/static/desk-pad.js";
import { brief, fraction, most, sum, text, worth } from "/static/desk-sums.js";

const ICONS = "/static/icons.svg";
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const esc = (value) => String(value ?? "").replace(/[&<>"']/g, (c) => ESCAPES[c]);
export const icon = (name, cls = "") => `<svg class="icon ${cls}" aria-hidden="true"><use href="${ICONS}#${name}"/></svg>`;

/** A word of the page with its values filled in: say("step", {step: "0.5"}). `words` comes from the server's catalogue. */
let words = {};
export const speak = (given) => { words = given; };
export const say = (name, values = {}) => esc(words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => `<b>${esc(values[key])}</b>`);
export const plain = (name, values = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));

const clock = (time) => time.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });

const STATES = {
  offline: ["warn", "cloud-off", "offline"], sending: ["info", "cloud-up", "sending"], idle: ["ok", "cloud-check", "all_received"],
  two: ["warn", "alert-triangle", "two_versions"], refused: ["bad", "ban", "refused"], out: ["warn", "key", "signed_out"], gone: ["bad", "ban", "gone"],
};

function linkState(store) {
  const { waiting, two, refused } = store.counts();
  if (store.link === "signed-out") return "out";
  if (store.link === "gone") return "gone";
  if (two) return "two";
  if (refused) return "refused";
  if (store.link === "offline") return "offline";
  return store.link === "sending" || waiting ? "sending" : "idle";
}

export function sync(desk, pill = false) {
  const counts = desk.store.counts();
  const name = linkState(desk.store);
  const [state, symbol, word] = STATES[name];
  const time = name === "idle" && desk.store.receivedAt ? ` · ${esc(clock(desk.store.receivedAt))}` : "";
  const numbers = `${say("saved_n", { n: counts.saved })} · ${say("waiting_n", { n: counts.waiting })}`;
  if (pill) return `<span class="sync is-pill s-${state} wide-only" role="status">${icon(symbol)}<b>${say(word)}</b><span>${numbers}</span></span>`;
  const more = name === "idle" ? "" : `<button type="button" data-do="details">${say("details")}</button>`;
  return `<div class="sync s-${state} narrow-only" role="status">${icon(symbol)}<b>${say(word)}</b><span class="push">${numbers}${time}</span>${more}</div>`;
}

export function head(desk) {
  const { sheet, entry } = desk;
  const place = plain("place_of", { at: desk.at + 1, all: sheet.entries.length });
  const obstacles = desk.unfinished();
  const ready = sheet.state === "open" && !obstacles.length && !desk.store.counts().waiting;
  const sign = sheet.state === "signed"
    ? `<a class="btn wide-only" href="/desk/${sheet.seat}/sign">${icon("lock")}${say("signed")}</a>`
    : `<a class="btn wide-only${ready ? " btn-primary" : ""}" href="/desk/${sheet.seat}/sign"${ready ? "" : ' aria-disabled="true" data-do="why"'}>${icon(ready ? "signature" : "lock")}${say("sign")}</a>`;
  return `<a class="back" href="/desk" aria-label="${plain("back")}">${icon("chevron-left")}</a>
<div><h1><span class="narrow-only">${say("entry")} <span>${esc(entry.code)}</span></span><span class="wide-only">${esc(sheet.event_title)} · ${esc(sheet.panel)}</span></h1>
<p><span class="narrow-only">${esc(place)} · ${esc(sheet.event_title)} · ${esc(sheet.panel)}</span><span class="wide-only">${esc(sheet.competition_title)} · ${esc(sheet.code)}</span></p></div>
<span class="seat-tag narrow-only">${esc(sheet.code)}</span><button type="button" class="tool narrow-only" data-do="list" aria-label="${plain("list")}">${icon("list-check")}</button>
${sync(desk, true)}<button type="button" class="btn wide-only" data-do="hand">${icon("hand-stop")}${say(desk.left ? "right_hand" : "left_hand")}</button>${sign}`;
}

/** What an entry's line in the list says: [words, icon, class]. */
function lineOf(desk, entry) {
  if (entry.excused) return [say("excused"), "minus", ""];
  if (entry.status !== "competed") return [say(entry.status), "minus", ""];
  const { aspects } = desk.sheet;
  const values = aspects.map((aspect) => desk.store.value(entry.code, aspect.code));
  const done = values.filter((value) => value !== null).length;
  const cells = aspects.map((aspect) => desk.store.cell(entry.code, aspect.code)).filter(Boolean);
  if (cells.some((cell) => cell.state === "two" || cell.state === "refused")) return [say("look"), "alert-triangle", "is-waiting"];
  if (entry === desk.entry && done < aspects.length) return [`${done}/${aspects.length}`, "pencil", ""];
  if (!done) return [say("not_begun"), "", ""];
  const words = done < aspects.length ? `${done}/${aspects.length}` : esc(subtotal(desk, entry).value);
  return cells.length ? [words, "device-mobile", "is-waiting"] : [words, done < aspects.length ? "pencil" : "cloud-check", ""];
}

export function list(desk) {
  const { sheet } = desk;
  const finished = sheet.entries.filter((entry) => desk.finished(entry)).length;
  const lines = sheet.entries.map((entry, at) => {
    const [words, symbol, cls] = lineOf(desk, entry);
    return `<li><button type="button" data-entry="${at}"${at === desk.at ? ' aria-current="true"' : ""} class="${cls}">${esc(entry.code)}<span>${words}</span>${symbol ? icon(symbol) : "<svg class=\"icon\" aria-hidden=\"true\"></svg>"}</button></li>`;
  });
  return `<header><b>${say("n_entries", { n: sheet.entries.length })}</b><span>${say("finished_n", { n: finished })}</span></header><ol class="entry-list">${lines.join("")}</ol>`;
}

function subtotal(desk, entry) {
  const parts = [], full = [];
  for (const aspect of desk.sheet.aspects) {
    const value = desk.store.value(entry.code, aspect.code);
    if (value === null) continue;
    parts.push(worth(value, aspect, desk.sheet));
    full.push(most(aspect, desk.sheet));
  }
  return { value: text(sum(parts)), full: brief(sum(full)), done: parts.length };
}

const MARK_ICONS = { device: ["device-mobile", "", "on_device"], going: ["cloud-up", "is-going", "on_its_way"], two: ["alert-triangle", "is-two", "two_versions"], refused: ["ban", "is-bad", "refused"] };

function markCell(desk, aspect) {
  const { entry, store } = desk;
  if (aspect === desk.aspect && aspect.kind === "points" && desk.typing && !desk.closed) return `<span class="caret">${esc(desk.text)}</span>`;
  const value = store.value(entry.code, aspect.code);
  const cell = store.cell(entry.code, aspect.code);
  const draft = store.draft(entry.code, aspect.code);
  if (!cell && draft) return `${icon("pencil")}<i>${esc(draft)}</i>`;
  if (cell) {
    const [symbol, cls, word] = MARK_ICONS[cell.state === "going" && store.link !== "sending" ? "device" : cell.state];
    return `<svg class="icon ${cls}" role="img" aria-label="${plain(word)}"><use href="${ICONS}#${symbol}"/></svg>${value === null ? "—" : esc(shown(value, aspect))}`;
  }
  if (value === null) return "";
  return `<svg class="icon is-sent" role="img" aria-label="${plain("received")}"><use href="${ICONS}#cloud-check"/></svg>${esc(shown(value, aspect))}`;
}

function aspectLine(desk, aspect, at) {
  const open = aspect === desk.aspect && !desk.closed;
  const cell = desk.store.cell(desk.entry.code, aspect.code);
  const odd = cell?.state === "two" || cell?.state === "refused" ? " is-two" : "";
  const judged = aspect.kind === "judgement";
  const range = judged ? plain("judged_range") : `${esc(aspect.low)}–${esc(aspect.high)}`;
  const step = judged || aspect.step === null ? "" : `<span class="wide-only"> · ${esc(plain("step_n", { n: aspect.step }))}</span>`;
  const line = (cls, more, tail) => `<button type="button" class="aspect${odd}${cls}" data-aspect="${at}"${open ? ' aria-current="true"' : ""}><span class="code">${esc(aspect.code)}</span><span class="grow">${esc(aspect.title)}${more}</span>${tail}</button>`;
  const usual = `<span class="range">${range}${step}</span><span class="mark">${markCell(desk, aspect)}</span>`;
  if (!judged) return `<li>${line("", "", usual)}</li>`;
  const value = desk.store.value(desk.entry.code, aspect.code);
  const levels = ["0", "1", "2", "3"].map((n) => `<button type="button" role="radio" aria-checked="${value === n}" data-level="${n}" data-of="${at}" title="${esc(aspect.levels[n] ?? "")}"${desk.closed || cell?.state === "two" ? " disabled" : ""}>${n}</button>`).join("");
  const said = value === null ? aspect.levels.map((words, n) => `${n} ${words}`).join(" · ") : plain("level_says", { n: value, words: aspect.levels[value] ?? "" });
  return `<li>${line(" narrow-only", "", usual)}<div class="aspect is-judged wide-only${odd}"><span class="code">${esc(aspect.code)}</span><span class="grow">${esc(aspect.title)} <small>${esc(plain("full_n", { n: aspect.max }))}</small><span class="more">${esc(said)}</span></span>${cell ? `<span class="mark">${markCell(desk, aspect)}</span>` : ""}<span class="level-keys" role="radiogroup" aria-label="${esc(aspect.title)}">${levels}</span></div></li>`;
}

export function mid(desk) {
  const { sheet, entry } = desk;
  const sums = subtotal(desk, entry);
  const name = entry.name ? `<small>${esc(entry.name)}</small>` : "";
  const top = `<div class="entry-head"><b>${say("entry")} ${esc(entry.code)}</b><span class="chip s-neutral">${esc(plain("place_of", { at: desk.at + 1, all: sheet.entries.length }))}</span>${name}${entry.excused || entry.status !== "competed" ? "" : `<span class="push">${say("subtotal")} <b>${sums.value}</b> / ${sums.full}</span>`}</div>`;
  if (entry.excused || entry.status !== "competed") {
    const words = entry.excused ? plain("excused_long") : plain(`${entry.status}_long`);
    const rule = entry.excused ? "C61" : "C25";
    return `${top}<div class="desk-note"><div class="refusal s-${entry.excused ? "info" : "warn"}">${icon(entry.excused ? "info-circle" : "ban")}<div class="grow"><h2>${say(entry.excused ? "excused" : entry.status)}</h2><p>${esc(words)} <span class="rule-tag">${rule}</span></p></div></div></div>`;
  }
  const groups = ["points", "judgement"].map((kind) => [kind, sheet.aspects.filter((aspect) => aspect.kind === kind)]).filter(([, found]) => found.length);
  const lines = groups.map(([kind, found]) => `<li class="aspect-group wide-only"><b>${say(kind === "points" ? "measured" : "judged")}</b><span>${kind === "points" ? plain("full_n", { n: brief(sum(found.map((aspect) => most(aspect, sheet)))) }) : say("tap_to_mark")}</span></li>${found.map((aspect) => aspectLine(desk, aspect, sheet.aspects.indexOf(aspect))).join("")}`);
  return `${top}<ul class="aspects">${lines.join("")}</ul>${blocked(desk)}`;
}

function blocked(desk) {
  if (desk.sheet.state === "signed") return `<div class="desk-note wide-only"><div class="refusal s-ok">${icon("lock")}<div class="grow"><h2>${say("signed")}</h2><p>${say("signed_long")} <span class="rule-tag">C57</span></p></div></div></div>`;
  const left = desk.unfinished();
  const waiting = desk.store.counts().waiting;
  if (!left.length && !waiting) return "";
  const untouched = left.filter((entry) => !subtotal(desk, entry).done).length;
  return `<div class="desk-note wide-only"><div class="refusal s-warn">${icon("alert-triangle")}<div class="grow"><h2>${say("not_yet")}</h2><p>${say("not_yet_why", { waiting, untouched, begun: left.length - untouched })} <span class="rule-tag">C24</span></p></div></div></div>`;
}

export function side(desk) {
  const { sheet, entry, aspect } = desk;
  const sums = subtotal(desk, entry);
  const at = desk.store.receivedAt;
  const where = [...desk.store.cells.values()].some((cell) => cell.entry === entry.code) ? plain("kept_here") : at ? plain("received") : "";
  const line = `<div class="subtotal narrow-only"><span>${esc(plain("entry_done", { done: sums.done, all: sheet.aspects.length }))}${where ? `，${esc(where)}` : ""}</span><span>${say("subtotal")} <b>${sums.value}</b> / ${sums.full}</span></div>`;
  if (desk.closed) return `${entry.excused || entry.status !== "competed" ? "" : line}${closedNote(desk)}${turns(desk)}`;
  const cell = desk.store.cell(entry.code, aspect.code);
  if (cell?.state === "two") return `${line}${twoVersions(aspect, cell)}${turns(desk)}`;
  const refused = cell?.state === "refused" ? `<div class="desk-note"><div class="refusal s-bad">${icon("ban")}<div class="grow"><p>${esc(cell.says)}</p><button type="button" class="btn btn-sm" data-do="drop">${say("give_up")}</button></div></div></div>` : "";
  const pad = aspect.kind === "judgement" ? levels(desk) : keys(desk);
  return `${line}${refused}${pad}${turns(desk)}`;
}

function closedNote(desk) {
  if (desk.sheet.state === "signed") return `<div class="desk-note narrow-only"><div class="refusal s-ok">${icon("lock")}<div class="grow"><h2>${say("signed")}</h2><p>${say("signed_long")} <span class="rule-tag">C57</span></p><a class="btn btn-sm" href="/desk/${desk.sheet.seat}/sign">${say("see_sheet")}</a></div></div></div>`;
  if (desk.sheet.stage !== "judging") return `<div class="desk-note"><div class="refusal s-info">${icon("info-circle")}<div class="grow"><p>${say("not_judging")}</p></div></div></div>`;
  return "";
}

function twoVersions(aspect, cell) {
  const value = (given) => (given === null ? say("blank") : esc(shown(given, aspect)));
  return `<section class="pad" aria-labelledby="two"><h2 id="two">${esc(aspect.code)} ${say("two_versions")}</h2><p class="pad-say">${say("two_why")}</p>
<div class="versions"><button type="button" class="level" data-choose="mine"><b>${value(cell.value)}</b><span>${say("mine")}<small>${esc(clock(new Date(cell.at)))}</small></span><i></i></button>
<button type="button" class="level" data-choose="theirs"><b>${value(cell.theirs.value)}</b><span>${say("theirs")}<small>${esc(plain("version_n", { n: cell.theirs.version }))}</small></span><i></i></button></div></section>`;
}

function nextLabel(desk) {
  const next = desk.following();
  return next ? `${say("next")}<br>${esc(next.code)}` : desk.nextEntry() ? `${say("next_entry")}<br>${esc(desk.nextEntry().code)}` : say("done");
}

function keys(desk) {
  const { aspect, text: typed } = desk;
  const may = new Set(allowed(desk.fresh ? "" : typed, aspect));
  const mark = markOf(typed, aspect);
  const key = (name) => `<button type="button" class="key" data-key="${name}"${may.has(name) ? "" : " disabled"}>${name === "." && minus(desk) ? "−" : name}</button>`;
  const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "."].filter((name) => may.has(name));
  const few = digits.length && digits.length <= 4;
  let hint = aspect.step === null ? plain("no_step") : plain("step_hint", { step: aspect.step });
  if (few && typed && !desk.fresh) hint += plain("only_keys", { keys: digits.map((d) => (d === "." ? plain("point") : d)).join(plain("or")) });
  else if (!digits.length && mark !== null) hint = plain("complete");
  const filled = desk.typing || typed ? share(typed, aspect) : 0;
  return `<section class="pad" aria-label="${plain("pad")}"><div class="pad-top"><output class="pad-show caret" aria-live="polite">${esc(typed)}</output><div><div class="pad-name"><span>${esc(aspect.low)}</span><b>${esc(aspect.code)} ${esc(aspect.title)}</b><span>${esc(aspect.high)}</span></div>
<svg class="bar" height="6" aria-hidden="true"><rect class="track" width="100%"/><rect class="fill" width="${filled}%"/></svg><p class="pad-say">${esc(hint)}</p></div></div>
<div class="keys">${key("1")}${key("2")}${key("3")}<button type="button" class="key" data-do="back" aria-label="${plain("erase")}"${typed ? "" : " disabled"}>${icon("backspace")}</button>
${key("4")}${key("5")}${key("6")}<button type="button" class="key is-word" data-do="full"><span>${say("full")}<small>${esc(aspect.high)}</small></span></button>
${key("7")}${key("8")}${key("9")}<button type="button" class="key is-next" data-do="next"${mark === null ? ' aria-disabled="true"' : ""}><span>${nextLabel(desk)}</span></button>
${key(".")}${key("0")}<button type="button" class="key is-word" data-do="skip">${say("skip")}</button></div>
<p class="pad-help wide-only">${esc(plain("pad_help", { low: aspect.low, high: aspect.high }))}</p></section>`;
}

const minus = (desk) => (desk.fresh || desk.text === "") && desk.aspect.low.startsWith("-");

function levels(desk) {
  const { aspect, sheet } = desk;
  const value = desk.store.value(desk.entry.code, aspect.code);
  const brings = value === null ? "" : ` · ${esc(plain("level_brings", { n: value, worth: text(worth(value, aspect, sheet)) }))}`;
  const rows = ["0", "1", "2", "3"].map((n) => `<button type="button" class="level" role="radio" aria-checked="${value === n}" data-level="${n}" data-of="${sheet.aspects.indexOf(aspect)}"><b>${n}</b><span>${esc(aspect.levels[n] ?? "")}</span><i>${icon("check")}</i></button>`);
  return `<section class="pad narrow-only"><div class="pad-name"><b>${esc(aspect.code)} ${esc(aspect.title)}</b><span>${esc(plain("full_n", { n: aspect.max }))}${brings}</span></div><div class="levels" role="radiogroup" aria-label="${esc(aspect.title)}">${rows.join("")}</div>
<div class="pad-acts"><button type="button" class="btn" data-do="skip">${say(value === null ? "skip" : "blank_it")}</button><button type="button" class="btn btn-primary" data-do="next"${value === null ? ' aria-disabled="true"' : ""}>${nextLabel(desk).replace("<br>", " ")}</button></div></section>
<section class="pad wide-only"><p class="pad-help">${say("tap_levels")}</p></section>`;
}

function turns(desk) {
  const before = desk.sheet.entries[desk.at - 1], after = desk.sheet.entries[desk.at + 1];
  const turn = (entry, at, name) => (entry ? `<button type="button" class="btn" data-entry="${at}" aria-label="${plain(name)} ${esc(entry.code)}">${name === "before" ? icon("chevron-left") : ""}${esc(entry.code)}${name === "after" ? icon("chevron-right") : ""}</button>` : '<span class="btn" aria-hidden="true"></span>');
  return `<nav class="turns" aria-label="${plain("turns")}">${turn(before, desk.at - 1, "before")}<small>${say("swipe")}</small>${turn(after, desk.at + 1, "after")}</nav>`;
}

/** The drawer of what waits: each mark with its state, in words. */
export function details(desk) {
  const cells = [...desk.store.cells.values()].sort((a, b) => (a.entry < b.entry ? -1 : 1));
  const title = { device: "on_device", going: "on_its_way", two: "two_versions", refused: "refused" };
  const lines = cells.map((cell) => `<li>${icon(MARK_ICONS[cell.state][0])}<span class="grow"><b>${esc(cell.entry)} · ${esc(cell.aspect)}</b><span class="d">${say(title[cell.state])}${cell.says ? `：${esc(cell.says)}` : ""}</span></span><b>${cell.value === null ? say("blank") : esc(cell.value)}</b><button type="button" class="btn btn-sm" data-go="${esc(cell.entry)}|${esc(cell.aspect)}">${say("open")}</button></li>`);
  const out = desk.store.link === "signed-out" ? `<p><a class="btn btn-primary" href="/sign-in">${say("sign_in")}</a></p>` : "";
  return `<div class="dialog-head"><h2>${say("details_title")}</h2><button type="button" class="tool push" data-do="close" aria-label="${plain("close")}">${icon("x")}</button></div><div class="dialog-body"><p>${say(desk.store.link === "offline" ? "offline_long" : "kept_long")}</p>${out}${lines.length ? `<ul class="lines">${lines.join("")}</ul>` : `<p>${say("nothing_waits")}</p>`}<p><button type="button" class="btn" data-do="retry">${icon("refresh")}${say("retry")}</button></p></div>`;
}

export { fraction };
