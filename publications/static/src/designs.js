// Live preview of a certificate template: what stands in the editor, set by the server's worker a moment after the last key.
const form = document.querySelector("form[data-design]");
const frame = document.querySelector("iframe[name='design-preview']");
if (form && frame) {
  const button = form.querySelector("[data-preview]");
  const list = document.querySelector("[data-design-faults]");
  const state = document.querySelector("[data-design-state]");
  const link = document.querySelector("[data-design-link]");
  let timer = 0, asked = 0, shown = "";

  const say = (faults) => {
    const items = faults.length ? faults : [list.dataset.none];
    list.replaceChildren(...items.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      item.className = faults.length ? "" : "is-none";
      return item;
    }));
  };

  const show = (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
    frame.src = `${address}#toolbar=0&navpanes=0&view=Fit`;
    link.href = address;
    link.target = "_blank";
    if (shown) URL.revokeObjectURL(shown);
    shown = address;
  };

  const preview = async () => {
    const turn = ++asked;
    state.textContent = state.dataset.busy;
    try {
      const answer = await fetch(button.formAction, {
        method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (turn !== asked) return; // a later key has asked again
      say(told.faults);
      if (told.pdf) show(told.pdf);
      state.textContent = state.dataset.done;
    } catch {
      if (turn === asked) state.textContent = state.dataset.failed;
    }
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "note") return;
    clearTimeout(timer);
    timer = setTimeout(preview, 900);
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    preview();
  });
}
