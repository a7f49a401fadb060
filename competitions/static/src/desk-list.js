// My sheets: what this device still has to send, and the worker that opens the desk without a network.
import { changedHands, unsentBySeat } from "/static/desk-store.js";

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/desk/worker.js", { scope: "/desk" }).catch(() => {});
const sheets = document.getElementById("sheets");
if (sheets) {
  if (await changedHands(sheets.dataset.account).catch(() => false)) await self.caches?.delete("desk-pages");
  const unsent = await unsentBySeat();
  for (const place of sheets.querySelectorAll("[data-unsent]")) {
    const count = unsent[place.dataset.unsent] ?? 0;
    place.hidden = !count;
    place.querySelector("b").textContent = String(count);
  }
}
