// Signing by hand: strokes as lists of points in 0..1000, drawn on a canvas; nothing is signed while marks wait on the device.
import { unsentBySeat } from "/static/desk-store.js";

const form = document.getElementById("sign");
if (form) {
  const canvas = form.querySelector("canvas");
  const field = form.elements.strokes;
  const button = document.querySelector("button[form=sign]");
  const strokes = [];
  let stroke = null;
  form.querySelector(".by-hand").hidden = false;
  form.querySelector(".by-name").hidden = true;
  for (const input of form.querySelectorAll(".by-name input")) input.required = false;

  const pen = canvas.getContext("2d");
  const size = () => {
    const box = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(box.width * ratio);
    canvas.height = Math.round(box.height * ratio);
    draw();
  };
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 2.4 * (window.devicePixelRatio || 1);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#1b2430";
    for (const points of strokes) {
      pen.beginPath();
      points.forEach(([x, y], n) => pen[n ? "lineTo" : "moveTo"]((x / 1000) * canvas.width, (y / 1000) * canvas.height));
      pen.stroke();
    }
  };
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const inside = (value) => Math.max(0, Math.min(1000, Math.round(value)));
    return [inside(((event.clientX - box.left) / box.width) * 1000), inside(((event.clientY - box.top) / box.height) * 1000)];
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); stroke = [point(event)]; strokes.push(stroke); draw(); });
  canvas.addEventListener("pointermove", (event) => { if (stroke && stroke.length < 1400) { stroke.push(point(event)); draw(); } });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { stroke = null; field.value = JSON.stringify(strokes); check(); });
  form.querySelector("[data-clear]").addEventListener("click", () => { strokes.length = 0; field.value = ""; draw(); check(); });
  addEventListener("resize", size);
  size();

  const waiting = document.getElementById("waiting");
  let unsent = 0;
  const check = () => {
    const drawn = strokes.reduce((sum, points) => sum + points.length, 0) >= 12;
    button.setAttribute("aria-disabled", String(unsent > 0 || !drawn));
    waiting.hidden = unsent === 0;
    waiting.querySelector("b").textContent = String(unsent);
  };
  const look = async () => { unsent = (await unsentBySeat())[form.dataset.seat] ?? 0; check(); };
  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true" || form.dataset.sent) { event.preventDefault(); canvas.focus(); return; }
    form.dataset.sent = "1";
  });
  addEventListener("focus", look);
  look();
}
