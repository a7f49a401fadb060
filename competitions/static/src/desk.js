// The judge's desk. The page without this script is a plain form for each entry; with it, the same marks go through the
// device's store (desk-store.js) to the same operation, and the desk works on without a network.
import { allowed, markOf, press } from "/static/desk-pad.js";
import { Sheet, changedHands } from "/static/desk-store.js";
import * as view from "/static/desk-view.js";

const root = document.getElementById("desk");
const REGIONS = { head: view.head, strip: (desk) => view.sync(desk), list: view.list, mid: view.mid, side: view.side };

class Desk {
  constructor() {
    this.seat = root.dataset.seat;
    this.store = new Sheet(this.seat, () => this.draw());
    this.code = null;
    this.aspectAt = 0;
    this.text = "";
    this.typing = false;
    this.fresh = true; // the next key begins a new number
    this.left = localStorage.getItem("desk-left") === "1";
    this.drawn = {};
  }

  get sheet() { return this.store.state; }
  get at() { return Math.max(0, this.sheet.entries.findIndex((entry) => entry.code === this.code)); }
  get entry() { return this.sheet.entries[this.at]; }
  get aspect() { return this.sheet.aspects[Math.min(this.aspectAt, this.sheet.aspects.length - 1)]; }
  get closed() { return this.sheet.state !== "open" || this.sheet.stage !== "judging" || this.entry.excused || this.entry.status !== "competed"; }

  async start() {
    const known = await this.store.open();
    if (!known || !this.sheet.entries.length || !this.sheet.aspects.length) return this.never();
    const asked = decodeURIComponent(location.hash.slice(1));
    const first = this.sheet.entries.find((entry) => entry.code === asked) ?? this.unfinished()[0] ?? this.sheet.entries[0];
    this.code = first.code;
    this.aspectAt = this.firstBlank();
    this.load();
    this.draw();
    this.frame.list.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
    this.frame.mid.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    root.dataset.ready = "1";
  }

  never() {
    if (this.sheet && !this.sheet.entries.length) root.querySelector("[data-waiting]").textContent = view.plain("no_entries");
    else if (this.store.link === "signed-out") location.assign("/sign-in");
    else root.querySelector("[data-waiting]").textContent = view.plain("cannot_open");
  }

  finished(entry) {
    if (entry.excused || entry.status !== "competed") return true;
    return this.sheet.aspects.every((aspect) => this.store.value(entry.code, aspect.code) !== null);
  }
  unfinished() { return this.sheet.entries.filter((entry) => !this.finished(entry)); }
  firstBlank() {
    const at = this.sheet.aspects.findIndex((aspect) => this.store.value(this.code, aspect.code) === null);
    return at < 0 ? 0 : at;
  }
  following() {
    const { aspects } = this.sheet;
    for (let n = 1; n < aspects.length; n += 1) {
      const aspect = aspects[(this.aspectAt + n) % aspects.length];
      if (this.store.value(this.code, aspect.code) === null) return aspect;
    }
    return null;
  }
  nextEntry() { return this.sheet.entries.slice(this.at + 1).find((entry) => !this.finished(entry)) ?? null; }

  draw() {
    if (!this.sheet || this.code === null) return;
    if (!this.sheet.entries.some((entry) => entry.code === this.code)) this.code = this.sheet.entries[0]?.code ?? null;
    if (this.code === null) return;
    if (!this.frame) this.build();
    const focus = document.activeElement?.closest?.("#desk") ? selectorOf(document.activeElement) : null;
    for (const [name, draw] of Object.entries(REGIONS)) {
      const html = draw(this);
      if (this.drawn[name] === html) continue;
      const box = this.frame[name];
      const inner = box.querySelector(".entry-list, .aspects");
      const top = inner?.scrollTop ?? 0;
      box.innerHTML = html;
      const again = box.querySelector(".entry-list, .aspects");
      if (again) again.scrollTop = top;
      this.drawn[name] = html;
    }
    this.frame.desk.classList.toggle("is-left", this.left);
    if (focus) document.querySelector(focus)?.focus({ preventScroll: true });
    if (this.dialog?.open) this.dialog.innerHTML = view.details(this);
  }

  build() {
    root.innerHTML = `<div class="desk"><header class="desk-head"></header><div class="strip"></div><nav class="desk-list" aria-label="${view.plain("list")}"></nav><div class="desk-mid"></div><div class="desk-side"></div></div><dialog class="desk-drawer"></dialog>`;
    const box = (name) => root.querySelector(name);
    this.frame = { desk: box(".desk"), head: box(".desk-head"), strip: box(".strip"), list: box(".desk-list"), mid: box(".desk-mid"), side: box(".desk-side") };
    this.dialog = box("dialog");
    root.addEventListener("click", (event) => this.click(event));
    this.swipes(this.frame.mid);
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /** Put on the pad what stands for the current mark: an unfinished draft, else its value. */
  load() {
    const draft = this.store.draft(this.code, this.aspect.code);
    const value = this.store.value(this.code, this.aspect.code);
    this.text = draft || (value ?? "");
    this.typing = this.aspect.kind === "points" && (Boolean(draft) || value === null);
    this.fresh = !draft;
  }

  /** Leave the current mark: what is typed and valid is kept as the mark, what is not stays a draft. Only where the judge goes
   *  on: a screen that goes dark or a tab that is closed amid "17.5" is no word that it shall be 1; the draft is on the device. */
  leave() {
    if (!this.typing || !this.text || this.fresh || this.aspect.kind === "judgement" || this.closed) return;
    const mark = markOf(this.text, this.aspect);
    if (mark !== null) this.store.enter(this.code, this.aspect.code, mark);
    this.typing = false;
  }

  turnTo(at) {
    const entry = this.sheet.entries[at];
    if (!entry) return;
    this.leave();
    this.code = entry.code;
    history.replaceState(null, "", `#${encodeURIComponent(entry.code)}`);
    this.aspectAt = this.firstBlank();
    this.load();
    this.draw();
    this.frame.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    this.frame.mid.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  pick(at) {
    this.leave();
    this.aspectAt = at;
    this.load();
    this.draw();
    this.frame.mid.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  press(key) {
    if (this.closed || this.aspect.kind === "judgement" || this.store.cell(this.code, this.aspect.code)?.state === "two") return;
    const before = this.fresh ? "" : this.text;
    if (!allowed(before, this.aspect).includes(key)) return;
    this.type(press(before, key));
  }
  erase() { if (this.text) this.type(this.fresh ? "" : this.text.slice(0, -1)); }
  type(text) {
    this.text = text;
    this.fresh = false;
    this.typing = true;
    this.store.keepDraft(this.code, this.aspect.code, text);
    this.draw();
  }

  async next() {
    if (this.closed) return;
    const { aspect, code } = this;
    let kept;
    if (aspect.kind === "points") {
      const mark = markOf(this.text, aspect);
      if (mark === null) return;
      this.typing = false;
      kept = this.store.enter(code, aspect.code, mark);
    } else if (this.store.value(code, aspect.code) === null) return;
    this.forward(); // not after it is kept: the next key is meant for the next mark, however slow the device is
    await kept;
  }
  forward() {
    const next = this.following();
    if (next) return this.pick(this.sheet.aspects.indexOf(next));
    const entry = this.nextEntry();
    if (entry) return this.turnTo(this.sheet.entries.indexOf(entry));
    this.load();
    this.draw();
  }
  async skip() {
    const { aspect, code } = this;
    if (this.closed || this.store.cell(code, aspect.code)?.state === "two") return;
    this.typing = false;
    const marked = this.store.value(code, aspect.code) !== null;
    const kept = marked ? this.store.enter(code, aspect.code, null) : this.store.keepDraft(code, aspect.code, "");
    this.pick((this.aspectAt + 1) % this.sheet.aspects.length);
    await kept;
  }
  async level(at, level) {
    const aspect = this.sheet.aspects[at];
    if (this.closed || this.store.cell(this.code, aspect.code)?.state === "two") return;
    if (this.aspectAt !== at) this.leave();
    this.aspectAt = at;
    this.load();
    await this.store.enter(this.code, aspect.code, level);
  }

  click(event) {
    const el = event.target.closest("button, a, [data-do]");
    if (!el || el.disabled) return;
    const { key, level, of, entry, aspect, choose, go } = el.dataset;
    if (key) return this.press(key);
    if (level) return this.level(Number(of), level);
    if (entry !== undefined) { this.dialog.close(); return this.turnTo(Number(entry)); }
    if (aspect !== undefined) return this.pick(Number(aspect));
    if (choose) return this.store.choose(this.code, this.aspect.code, choose === "mine").then(() => { this.load(); this.draw(); });
    if (go) return this.goTo(go);
    if (el.href && !el.dataset.do) return this.leave();
    const act = { back: () => this.erase(), full: () => this.type(this.aspect.high), next: () => this.next(), skip: () => this.skip(),
      list: () => this.toggleList(), hand: () => this.swapHands(), details: () => this.show(), close: () => this.dialog.close(),
      retry: () => { this.store.tries = 0; this.store.sync(true); }, drop: () => this.store.drop(this.code, this.aspect.code).then(() => { this.load(); this.draw(); }),
      why: () => { event.preventDefault(); this.goToFirstGap(); } }[el.dataset.do];
    return act?.();
  }
  goTo(place) {
    const [entry, aspect] = place.split("|");
    this.dialog.close();
    this.turnTo(this.sheet.entries.findIndex((one) => one.code === entry));
    this.pick(Math.max(0, this.sheet.aspects.findIndex((one) => one.code === aspect)));
  }
  goToFirstGap() {
    const gap = this.unfinished()[0];
    if (gap) this.turnTo(this.sheet.entries.indexOf(gap));
    else this.show();
  }
  show() { this.dialog.innerHTML = view.details(this); this.dialog.showModal(); }
  toggleList() {
    this.dialog.innerHTML = `<div class="dialog-head"><h2>${view.plain("list")}</h2><a class="btn btn-sm push" href="/desk/${this.seat}/sign">${view.icon("signature")}${view.say("sign")}</a><button type="button" class="tool" data-do="close" aria-label="${view.plain("close")}">${view.icon("x")}</button></div>${view.list(this)}`;
    this.dialog.showModal();
    this.dialog.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  }
  swapHands() {
    this.left = !this.left;
    localStorage.setItem("desk-left", this.left ? "1" : "0");
    this.draw();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.dialog.open) return;
    const judged = this.aspect.kind === "judgement";
    if (judged && /^[0-3]$/.test(event.key)) this.level(this.aspectAt, event.key);
    else if (!judged && /^[0-9.]$/.test(event.key)) this.press(event.key);
    else if (!judged && event.key === "-" && this.text === "") this.press(".");
    else if (event.key === "Backspace") this.erase();
    else if (event.key === "Enter" && !event.target.closest?.("button, a")) this.next();
    else if (event.key === "[") this.turnTo(this.at - 1);
    else if (event.key === "]") this.turnTo(this.at + 1);
    else return;
    event.preventDefault();
  }

  swipes(box) {
    let from = null;
    box.addEventListener("pointerdown", (event) => { from = event.pointerType === "mouse" ? null : { x: event.clientX, y: event.clientY }; });
    box.addEventListener("pointerup", (event) => {
      if (!from) return;
      const x = event.clientX - from.x, y = event.clientY - from.y;
      from = null;
      if (Math.abs(x) > 70 && Math.abs(y) < 40) this.turnTo(this.at + (x < 0 ? 1 : -1));
    });
  }
}

function selectorOf(el) {
  for (const [name, value] of Object.entries(el.dataset)) {
    if (["key", "do", "entry", "aspect", "level", "choose"].includes(name)) return `#desk [data-${name}="${CSS.escape(value)}"]${el.dataset.of ? `[data-of="${el.dataset.of}"]` : ""}`;
  }
  return null;
}

view.speak(JSON.parse(root.dataset.words));
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/desk/worker.js", { scope: "/desk" }).catch(() => {});
if (await changedHands(root.dataset.account).catch(() => false)) await self.caches?.delete("desk-pages");
const desk = new Desk();
desk.start();
