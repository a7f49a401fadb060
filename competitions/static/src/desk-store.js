// What the desk keeps on the device, and how it reaches the server: each mark exactly once, whatever breaks.
//
// `cells`  the newest value of a mark that the server has not confirmed: {seat, entry, aspect, value, base, state, key?, theirs?, says?}
//          state: "device" (waiting), "going" (in a sealed request), "two" (two versions: the judge chooses), "refused"
// `outbox` sealed requests: their key and body never change, so that a repeated one is answered as the first
// `sheets` the last state of each sheet that the server sent;  `drafts` what stands on the pad, unfinished
import { openDB } from "/static/idb.js";

const opening = openDB("gongjiang-desk", 1, {
  upgrade(db) {
    db.createObjectStore("cells", { keyPath: ["seat", "entry", "aspect"] }).createIndex("seat", "seat");
    db.createObjectStore("outbox", { keyPath: "key" }).createIndex("seat", "seat");
    db.createObjectStore("sheets", { keyPath: "seat" });
    db.createObjectStore("drafts", { keyPath: ["seat", "entry", "aspect"] }).createIndex("seat", "seat");
    db.createObjectStore("meta");
  },
});
const MOST = 200; // marks in one request
const WAITS = [1000, 2000, 4000, 5000, 8000];

const id = (entry, aspect) => `${entry}|${aspect}`;

/** A transaction whose end means that the disk has it: a battery that dies takes nothing back. */
const writing = (db, stores) => db.transaction(stores, "readwrite", { durability: "strict" });

/** End a transaction now and wait until the device holds it. Its end leaves this tab together with its writes instead of
 *  after their answers: a tab that is killed in the next moment has kept them. */
async function ended(work, ...writes) {
  work.commit?.();
  await Promise.all([...writes, work.done]);
}

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** How many entries of each seat have marks that only this device holds: {seat: count}. */
export async function unsentBySeat() {
  const entries = {};
  for (const cell of await (await opening).getAll("cells")) (entries[cell.seat] ??= new Set()).add(cell.entry);
  return Object.fromEntries(Object.entries(entries).map(([seat, found]) => [seat, found.size]));
}

/** Remember who uses this device; true where it is somebody else than before. */
export async function changedHands(account) {
  const db = await opening;
  const before = await db.get("meta", "account");
  if (before !== account) await db.put("meta", account, "account");
  return before !== undefined && before !== account;
}

export class Sheet {
  constructor(seat, told) {
    this.seat = seat;
    this.told = told; // called after every change
    this.state = null; // the server's state of the sheet
    this.server = new Map(); // entry|aspect → {version, value, changed}
    this.cells = new Map();
    this.drafts = new Map();
    this.keeping = new Map(); // entry|aspect → {value} on its way to the device: already what the desk shows
    this.link = navigator.onLine ? "idle" : "offline"; // idle, sending, offline, signed-out, gone
    this.receivedAt = null;
    this.tries = 0;
    this.working = null;
  }

  async open() {
    const db = await opening;
    const [kept, cells, drafts] = await Promise.all([
      db.get("sheets", this.seat), db.getAllFromIndex("cells", "seat", this.seat), db.getAllFromIndex("drafts", "seat", this.seat),
    ]);
    for (const cell of cells) this.cells.set(id(cell.entry, cell.aspect), cell);
    for (const draft of drafts) this.drafts.set(id(draft.entry, draft.aspect), draft.text);
    if (kept) this.take(kept.state);
    if (this.state) this.told();
    window.addEventListener("online", () => { this.tries = 0; this.sync(); });
    window.addEventListener("offline", () => { this.link = "offline"; this.told(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { this.tries = 0; this.sync(); } });
    navigator.storage?.persist?.().catch(() => {});
    await this.sync(true);
    return this.state !== null;
  }

  take(state) {
    this.state = state;
    this.server = new Map(state.marks.map((mark) => [id(mark.entry, mark.aspect), mark]));
  }

  /** The newest value on this device: what was typed, else what the server has. */
  value(entry, aspect) {
    const key = id(entry, aspect);
    const newest = this.keeping.get(key) ?? this.cells.get(key);
    return newest ? newest.value : this.server.get(key)?.value ?? null;
  }
  cell(entry, aspect) { return this.cells.get(id(entry, aspect)); }
  draft(entry, aspect) { return this.drafts.get(id(entry, aspect)) ?? ""; }
  version(entry, aspect) { return this.server.get(id(entry, aspect))?.version ?? 0; }

  async keepDraft(entry, aspect, text) {
    const key = id(entry, aspect);
    if (text) this.drafts.set(key, text); else this.drafts.delete(key);
    const work = writing(await opening, "drafts");
    await ended(work, text ? work.store.put({ seat: this.seat, entry, aspect, text }) : work.store.delete([this.seat, entry, aspect]));
  }

  /** Keep a mark: first on the device (in one step with the draft that it was), then on its way. */
  async enter(entry, aspect, value) {
    const key = id(entry, aspect), keeping = { value }, draft = this.drafts.get(key);
    this.keeping.set(key, keeping);
    this.drafts.delete(key);
    try {
      await this.write(entry, aspect, value);
    } catch (why) {
      if (draft) this.drafts.set(key, draft); // as it still stands on the device
      throw why;
    } finally {
      if (this.keeping.get(key) === keeping) this.keeping.delete(key);
      this.told();
    }
    this.sync();
  }

  async write(entry, aspect, value) {
    const place = [this.seat, entry, aspect], key = id(entry, aspect);
    const version = this.version(entry, aspect);
    const same = (this.server.get(key)?.value ?? null) === value;
    const work = writing(await opening, ["cells", "drafts"]);
    const cells = work.objectStore("cells");
    const before = await cells.get(place);
    const writes = [work.objectStore("drafts").delete(place)];
    let cell = null;
    if (before?.state !== "two" && (before || !same)) { // of two versions the judge chooses first
      const base = before && before.state !== "refused" ? before.base : version;
      cell = { seat: this.seat, entry, aspect, value, base, state: "device", at: Date.now() };
      if (before?.state === "going") Object.assign(cell, { state: "going", key: before.key, again: true });
      writes.push(cells.put(cell));
    }
    await ended(work, ...writes);
    if (cell) this.cells.set(key, cell);
  }

  /** Of two versions the judge keeps one. */
  async choose(entry, aspect, mine) {
    const key = id(entry, aspect);
    const cell = this.cells.get(key);
    if (!cell) return;
    const db = await opening;
    if (mine) {
      const next = { ...cell, base: cell.theirs.version, state: "device" };
      delete next.theirs; delete next.key; delete next.again;
      this.cells.set(key, next);
      await db.put("cells", next);
    } else {
      this.cells.delete(key);
      await db.delete("cells", [this.seat, entry, aspect]);
    }
    this.told();
    this.sync();
  }

  /** Give up a mark that the server refuses for good. */
  async drop(entry, aspect) {
    this.cells.delete(id(entry, aspect));
    await (await opening).delete("cells", [this.seat, entry, aspect]);
    this.told();
  }

  counts() {
    const waiting = new Set();
    let two = 0, refused = 0;
    for (const cell of this.cells.values()) {
      waiting.add(cell.entry);
      if (cell.state === "two") two += 1;
      if (cell.state === "refused") refused += 1;
    }
    const saved = new Set();
    for (const mark of this.server.values()) if (mark.value !== null && !waiting.has(mark.entry)) saved.add(mark.entry);
    return { saved: saved.size, waiting: waiting.size, two, refused };
  }

  /** Send what waits; one at a time, over all tabs of this browser. */
  sync(refresh = false) {
    if (this.working) { this.more = this.more || refresh || "again"; return this.working; }
    const work = () => this.exchange(refresh);
    const locked = navigator.locks ? navigator.locks.request(`desk-${this.seat}`, work) : work();
    this.working = locked.catch((why) => { console.warn("desk", why); }).finally(() => {
      this.working = null;
      const more = this.more;
      this.more = null;
      if (more) this.sync(more === true);
    });
    return this.working;
  }

  async exchange(refresh) {
    clearTimeout(this.timer);
    try {
      await this.readBack();
      if (refresh || !this.state?.csrf) await this.fetchState();
      for (let batch = await this.nextBatch(); batch; batch = await this.nextBatch()) {
        this.link = "sending";
        this.told();
        await this.send(batch);
      }
      this.link = "idle";
      this.tries = 0;
    } catch (why) {
      if (why instanceof SignedOut) this.link = "signed-out";
      else if (why instanceof Gone) this.link = "gone";
      else {
        this.link = "offline";
        const wait = WAITS[Math.min(this.tries, WAITS.length - 1)];
        this.tries += 1;
        this.timer = setTimeout(() => this.sync(), wait);
        if (!(why instanceof TypeError || why instanceof Later)) console.warn("desk", why);
      }
    }
    this.told();
  }

  /** Another tab may have kept or sent marks of this sheet: the database on the device decides. */
  async readBack() {
    const cells = await (await opening).getAllFromIndex("cells", "seat", this.seat);
    this.cells = new Map(cells.map((cell) => [id(cell.entry, cell.aspect), cell]));
  }

  async fetchState() {
    const answer = await ask(`/api/v1/sheets/${this.seat}`);
    const state = await answer.json();
    this.take(state);
    const kept = { ...state, csrf: "" };
    await (await opening).put("sheets", { seat: this.seat, state: kept });
    this.told();
  }

  /** The sealed request that waits, or a new one sealed from the cells that wait: in one step on the device. */
  async nextBatch() {
    const db = await opening;
    const work = db.transaction(["cells", "outbox"], "readwrite");
    const sealed = await work.objectStore("outbox").index("seat").get(this.seat);
    if (sealed) { await work.done; return sealed; }
    const cells = (await work.objectStore("cells").index("seat").getAll(this.seat)).filter((cell) => cell.state === "device");
    if (!cells.length) { await work.done; return null; }
    const chosen = cells.sort((a, b) => a.at - b.at).slice(0, MOST);
    const batch = { key: newKey(), seat: this.seat, marks: chosen.map(({ entry, aspect, value, base }) => ({ entry, aspect, value, base })) };
    await work.objectStore("outbox").put(batch);
    for (const cell of chosen) {
      const going = { ...cell, state: "going", key: batch.key };
      this.cells.set(id(cell.entry, cell.aspect), going);
      await work.objectStore("cells").put(going);
    }
    await work.done;
    return batch;
  }

  async send(batch) {
    const body = JSON.stringify({ key: batch.key, marks: batch.marks });
    let answer = await this.put(body);
    if (answer.status === 403) { // the token of a page that was kept on the device
      await this.fetchState();
      answer = await this.put(body);
    }
    if (answer.ok) return this.settle(batch);
    if (answer.status === 412) { await this.fetchState(); return this.compare(batch); }
    if ([404, 409, 422].includes(answer.status)) return this.refuse(batch, await answer.json().catch(() => ({})));
    throw new Later(answer.status);
  }

  put(body) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.state.csrf };
    return ask(`/api/v1/sheets/${this.seat}/marks`, { method: "PUT", body, headers }, [403, 404, 409, 412, 422]);
  }

  /** Received: the server's versions are one further; what was typed meanwhile waits for its own request. */
  async settle(batch) {
    this.receivedAt = new Date();
    for (const mark of batch.marks) {
      const key = id(mark.entry, mark.aspect);
      const known = this.server.get(key);
      const changed = Boolean(known && (known.changed || (known.value !== null && known.value !== mark.value)));
      this.server.set(key, { entry: mark.entry, aspect: mark.aspect, version: mark.base + 1, value: mark.value, changed });
    }
    this.state = { ...this.state, marks: [...this.server.values()] };
    await this.rewrite(batch, (cell, mark) => (cell.again && cell.value !== mark.value ? fresh(cell, mark.base + 1) : null), true);
  }

  /** Refused as stale: a mark that the server holds in another version is shown beside ours, never chosen for the judge. */
  async compare(batch) {
    await this.rewrite(batch, (cell) => {
      const theirs = this.server.get(id(cell.entry, cell.aspect));
      const version = theirs?.version ?? 0;
      if (version === cell.base) return fresh(cell, cell.base);
      if ((theirs?.value ?? null) === cell.value) return null;
      return { ...fresh(cell, cell.base), state: "two", theirs: { version, value: theirs?.value ?? null } };
    });
  }

  /** Refused for another reason: kept, with the reason beside it; the others of the request wait for the next. */
  async refuse(batch, problem) {
    const says = new Map();
    for (const fault of problem.faults ?? []) {
      const at = /^marks-(\d+)-/.exec(fault.field ?? "");
      if (at) says.set(Number(at[1]), fault.message);
    }
    const all = says.size ? null : problem.faults?.[0]?.message ?? problem.title ?? "";
    const place = new Map(batch.marks.map((mark, n) => [id(mark.entry, mark.aspect), n]));
    await this.rewrite(batch, (cell) => {
      const said = all ?? says.get(place.get(id(cell.entry, cell.aspect)));
      return said === undefined ? fresh(cell, cell.base) : { ...fresh(cell, cell.base), state: "refused", says: said };
    });
    await this.fetchState().catch(() => {});
  }

  /** End a sealed request: each of its cells becomes what `next` says (null: done), with the outbox in one step. */
  async rewrite(batch, next, keepSheet = false) {
    const db = await opening;
    const work = db.transaction(["cells", "outbox", "sheets"], "readwrite");
    const cells = work.objectStore("cells");
    for (const mark of batch.marks) {
      const cell = await cells.get([this.seat, mark.entry, mark.aspect]);
      if (!cell || cell.key !== batch.key) continue;
      const made = next(cell, mark);
      const key = id(mark.entry, mark.aspect);
      if (made) { this.cells.set(key, made); await cells.put(made); }
      else { this.cells.delete(key); await cells.delete([this.seat, mark.entry, mark.aspect]); }
    }
    await work.objectStore("outbox").delete(batch.key);
    if (keepSheet) await work.objectStore("sheets").put({ seat: this.seat, state: { ...this.state, csrf: "" } });
    await work.done;
    this.told();
  }
}

class SignedOut extends Error {}
class Gone extends Error {}
class Later extends Error {}

function fresh(cell, base) {
  const { key, again, theirs, says, ...kept } = cell;
  return { ...kept, base, state: "device" };
}

/** A request with an end: 12 seconds without an answer count as no network. */
async function ask(path, options = {}, expected = []) {
  const answer = await fetch(path, { credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout?.(12000), headers: { Accept: "application/json" }, ...options });
  if (answer.ok || expected.includes(answer.status)) return answer;
  if (answer.status === 401 || answer.type === "opaqueredirect") throw new SignedOut();
  if (answer.status === 403 || answer.status === 404) throw new Gone();
  throw new Later(answer.status);
}
