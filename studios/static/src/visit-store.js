// What the tablet keeps of a visit, and how it reaches the server: each answer and each picture exactly once.
//
// `cells`  answers that the server has not confirmed: {visit, item, answer, base, state, key?, theirs?, says?};
//          state: "device" (waiting), "going" (in a sealed request), "two" (two versions: the expert chooses), "refused"
// `outbox` sealed requests: key and body never change, so that a repeated one is answered as the first
// `sheets` the last state that the server sent;  `photos` pictures that wait, with an id made here
import { openDB } from "/static/idb.js";

const opening = openDB("gongjiang-visit", 1, {
  upgrade(db) {
    db.createObjectStore("cells", { keyPath: ["visit", "item"] }).createIndex("visit", "visit");
    db.createObjectStore("outbox", { keyPath: "key" }).createIndex("visit", "visit");
    db.createObjectStore("photos", { keyPath: "id" }).createIndex("visit", "visit");
    db.createObjectStore("sheets", { keyPath: "visit" });
    db.createObjectStore("meta");
  },
});
const WAITS = [1000, 2000, 4000, 5000, 8000];
class SignedOut extends Error {}
class Gone extends Error {}
class Later extends Error {}

/** Another person on this device sees nothing of the one before; what that one has not sent stays until they come back. */
export async function handedTo(account) {
  const db = await opening;
  const before = await db.get("meta", "account");
  await db.put("meta", account, "account");
  if (before && before !== account) await db.clear("sheets");
  return account;
}

export class Store {
  constructor(visit, account, told) {
    Object.assign(this, { visit: `${account}|${visit}`, id: visit, told, state: null, link: navigator.onLine ? "idle" : "offline" });
    this.server = new Map();
    this.cells = new Map();
    this.photos = [];
    this.tries = 0;
    this.chain = Promise.resolve();
  }

  async open() {
    const db = await opening;
    const kept = await db.get("sheets", this.visit);
    await this.readBack();
    if (kept) this.take(kept.state);
    window.addEventListener("online", () => { this.tries = 0; this.sync(true); });
    window.addEventListener("offline", () => { this.link = "offline"; this.told(); });
    navigator.storage?.persist?.().catch(() => {});
    this.told();
    await this.sync(true);
    return this.state !== null;
  }

  take(state) {
    this.state = state;
    this.server = new Map(state.answers.map((one) => [one.item, one]));
  }

  /** The newest answer on this device: what was entered, else what the server has. */
  answer(item) { return this.cells.get(item)?.answer ?? this.server.get(item); }
  cell(item) { return this.cells.get(item); }
  waiting() { return this.cells.size; }

  /** Keep a change: first on the device, then on its way. Changes of one item follow each other. */
  put(item, change) {
    this.chain = this.chain.then(() => this.write(item, change)).catch((why) => console.warn("visit", why));
    return this.chain.then(() => { this.sync(); });
  }

  async write(item, change) {
    const db = await opening;
    const work = db.transaction("cells", "readwrite", { durability: "strict" });
    const before = await work.store.get([this.visit, item]);
    const held = before?.answer ?? this.server.get(item) ?? {};
    const answer = { points: held.points ?? null, checks: { ...(held.checks ?? {}) }, count: held.count ?? null, note: held.note ?? "" };
    if ("check" in change) answer.checks[change.check] = change.value; else Object.assign(answer, change);
    let cell = { visit: this.visit, item, answer, base: this.server.get(item)?.version ?? 0, state: "device", at: Date.now() };
    if (before?.state === "two") cell = { ...before, answer };
    else if (before?.state === "going") cell = { ...before, answer, again: true };
    await work.store.put(cell);
    work.commit?.();
    await work.done;
    this.cells.set(item, cell);
    this.told();
  }

  async choose(item, mine) {
    const db = await opening;
    const cell = this.cells.get(item);
    if (mine) {
      const next = { visit: cell.visit, item, answer: cell.answer, base: cell.theirs ?? cell.base, state: "device", at: Date.now() };
      this.cells.set(item, next);
      await db.put("cells", next);
    } else {
      this.cells.delete(item);
      await db.delete("cells", [this.visit, item]);
    }
    this.told();
    this.sync();
  }

  async addPhoto(photo) {
    await (await opening).put("photos", { ...photo, visit: this.visit });
    await this.readBack();
    this.told();
    this.sync();
  }

  /** Send what waits; one at a time, over all tabs of this browser. */
  sync(refresh = false) {
    if (this.working) { this.more = this.more || refresh || "again"; return this.working; }
    const work = () => this.exchange(refresh);
    const locked = navigator.locks ? navigator.locks.request(`visit-${this.visit}`, work) : work();
    this.working = locked.catch((why) => console.warn("visit", why)).finally(() => {
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
      for (const photo of this.photos.filter((one) => !one.says)) await this.sendPhoto(photo);
      this.link = "idle";
      this.tries = 0;
    } catch (why) {
      if (why instanceof SignedOut) this.link = "signed-out";
      else if (why instanceof Gone) this.link = "gone";
      else {
        this.link = "offline";
        this.timer = setTimeout(() => this.sync(), WAITS[Math.min(this.tries, WAITS.length - 1)]);
        this.tries += 1;
      }
    }
    this.told();
  }

  /** Another tab may have kept or sent something: the database on the device decides. */
  async readBack() {
    const db = await opening;
    const cells = await db.getAllFromIndex("cells", "visit", this.visit);
    this.cells = new Map(cells.map((cell) => [cell.item, cell]));
    this.photos = await db.getAllFromIndex("photos", "visit", this.visit);
  }

  async fetchState() {
    const answer = await this.ask("");
    this.take(await answer.json());
    await (await opening).put("sheets", { visit: this.visit, state: { ...this.state, csrf: "" } });
    this.told();
  }

  async nextBatch() {
    const work = (await opening).transaction(["cells", "outbox"], "readwrite");
    const sealed = await work.objectStore("outbox").index("visit").get(this.visit);
    if (sealed) { await work.done; return sealed; }
    const chosen = (await work.objectStore("cells").index("visit").getAll(this.visit)).filter((cell) => cell.state === "device");
    if (!chosen.length) { await work.done; return null; }
    const batch = { key: newKey(), visit: this.visit, answers: chosen.map(({ item, base, answer }) => ({ item, base, ...answer })) };
    await work.objectStore("outbox").put(batch);
    for (const cell of chosen) {
      const going = { ...cell, state: "going", key: batch.key };
      this.cells.set(cell.item, going);
      await work.objectStore("cells").put(going);
    }
    await work.done;
    return batch;
  }

  async send(batch) {
    const body = JSON.stringify({ key: batch.key, answers: batch.answers });
    let answer = await this.ask("/answers", { method: "PUT", body });
    if (answer.status === 403) { await this.fetchState(); answer = await this.ask("/answers", { method: "PUT", body }); }
    if (answer.ok) return this.settle(batch);
    if (answer.status === 412) { await this.fetchState(); return this.compare(batch); }
    if ([404, 409, 422].includes(answer.status)) return this.refuse(batch, await answer.json().catch(() => ({})));
    throw new Later(answer.status);
  }

  async sendPhoto(photo) {
    const { id, item, caption, taken_at, latitude, longitude, data } = photo;
    const body = JSON.stringify({ id, item, caption, taken_at, latitude, longitude, data });
    const answer = await this.ask("/photos", { method: "PUT", body });
    const db = await opening;
    if (answer.ok) {
      this.state.photos = [...this.state.photos, { id, item, caption, taken_at, placed: Boolean(latitude) }];
      await db.delete("photos", id);
    } else if ([404, 409, 422].includes(answer.status)) {
      const problem = await answer.json().catch(() => ({}));
      await db.put("photos", { ...photo, says: problem.faults?.[0]?.message ?? problem.title ?? "" });
    } else throw new Later(answer.status);
    await this.readBack();
    this.told();
  }

  settle(batch) {
    for (const one of batch.answers) this.server.set(one.item, { ...one, version: one.base + 1 });
    this.state = { ...this.state, answers: [...this.server.values()] };
    return this.rewrite(batch, (cell, one) => (cell.again ? fresh(cell, one.base + 1) : null));
  }

  /** Refused as stale: the server's version is shown beside ours, never chosen for the expert. */
  compare(batch) {
    return this.rewrite(batch, (cell) => {
      const theirs = this.server.get(cell.item)?.version ?? 0;
      return theirs === cell.base ? fresh(cell, cell.base) : { ...fresh(cell, cell.base), state: "two", theirs };
    });
  }

  refuse(batch, problem) {
    const says = new Map();
    for (const fault of problem.faults ?? []) {
      const at = /^answers-(\d+)/.exec(fault.field ?? "");
      if (at) says.set(batch.answers[Number(at[1])].item, fault.message);
    }
    const all = says.size ? null : problem.faults?.[0]?.message ?? problem.title ?? "";
    return this.rewrite(batch, (cell) => {
      const said = all ?? says.get(cell.item);
      return said === undefined ? fresh(cell, cell.base) : { ...fresh(cell, cell.base), state: "refused", says: said };
    }).then(() => this.fetchState().catch(() => {}));
  }

  /** End a sealed request: each of its cells becomes what `next` says (null: done), with the outbox in one step. */
  async rewrite(batch, next) {
    const work = (await opening).transaction(["cells", "outbox", "sheets"], "readwrite");
    const cells = work.objectStore("cells");
    for (const one of batch.answers) {
      const cell = await cells.get([this.visit, one.item]);
      if (!cell || cell.key !== batch.key) continue;
      const made = next(cell, one);
      if (made) { this.cells.set(one.item, made); await cells.put(made); }
      else { this.cells.delete(one.item); await cells.delete([this.visit, one.item]); }
    }
    await work.objectStore("outbox").delete(batch.key);
    await work.objectStore("sheets").put({ visit: this.visit, state: { ...this.state, csrf: "" } });
    await work.done;
    this.told();
  }

  async sign() {
    const answer = await this.ask("/signature", { method: "POST", body: "{}" });
    if (answer.ok) { await this.fetchState(); return ""; }
    const problem = await answer.json().catch(() => ({}));
    return (problem.faults ?? []).map((fault) => fault.message).join(" ") || problem.title || String(answer.status);
  }

  async ask(path, options = {}) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": this.state?.csrf ?? "" };
    const answer = await fetch(`/api/v1/visits/${this.id}${path}`, { ...options, headers, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(30000) });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOut();
    if (!options.method && answer.status === 404) throw new Gone();
    if (!options.method && !answer.ok) throw new Later(answer.status);
    return answer;
  }
}

const fresh = (cell, base) => ({ visit: cell.visit, item: cell.item, answer: cell.answer, base, state: "device", at: cell.at });

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
