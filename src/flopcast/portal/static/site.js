// Live forms and readable points. Everything here improves a page that works without it.

const WAIT = 150;

/** Fetches the page that a form leads to and takes over the parts that the form names. */
function enliven(form) {
  const parts = form.dataset.live.split(" ");
  let timer = 0;
  let running = null;

  async function update() {
    const url = addressOf(form);
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(url, { signal: running.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = parts.map((id) => [document.getElementById(id), page.getElementById(id)]);
      if (!answer.ok || fresh.some(([old, now]) => !old || !now)) {
        location.assign(url);
        return;
      }
      for (const [old, now] of fresh) old.replaceWith(now);
      replaceNote(page);
      history.replaceState(null, "", url);
      document.title = page.title;
      improve();
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    }
  }

  form.addEventListener("input", (event) => {
    const shown = form.querySelector(`output[for="${event.target.id}"]`);
    if (shown) shown.textContent = `${event.target.value}\u00a0%`;
    clearTimeout(timer);
    timer = setTimeout(update, event.target.type === "range" ? WAIT : 2 * WAIT);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    update();
  });
  form.classList.add("is-live");
}

/** The address of a form without its blank fields. */
function addressOf(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(pairs).toString();
  return form.action.split("?")[0] + (query ? `?${query}` : "");
}

/** A button under a chart that has an interactive twin: zoom, pan, hover; loaded when asked for. */
function offer(figure) {
  if (!figure.dataset.module || figure.querySelector(".offer")) return;
  const button = document.createElement("button");
  button.className = "offer";
  button.type = "button";
  button.textContent = "Zoom and pan";
  button.addEventListener("click", async () => {
    button.disabled = true;
    const place = [...figure.children].find((part) => part.offsetWidth > 0);
    try {
      const { draw } = await import(figure.dataset.module);
      await draw(place, figure.dataset.specification);
      button.remove();
    } catch (error) {
      button.textContent = "The interactive chart cannot be shown";
    }
  });
  figure.append(button);
}

/** What was ignored, as the fetched page says it. */
function replaceNote(page) {
  const main = document.getElementById("main");
  main.querySelector(":scope > .note")?.remove();
  const note = page.querySelector("main > .note");
  if (note) main.prepend(note);
}

/** One tab stop per chart; arrow keys go from point to point; a card says what each is. */
function makeReadable(chart) {
  const dots = [...chart.querySelectorAll(".dot")];
  if (!dots.length || chart.dataset.readable) return;
  chart.dataset.readable = "yes";
  const card = document.createElement("div");
  card.className = "card";
  card.hidden = true;
  chart.parentElement.append(card);
  const spots = dots.map((dot) => {
    const title = dot.querySelector("title");
    const words = title.textContent;
    title.remove(); // or the browser's own tooltip would cover the card
    dot.setAttribute("aria-label", words);
    const box = dot.getBBox(); // marks are circles, squares or paths
    return { dot, words, x: box.x + box.width / 2 };
  });
  spots.sort((a, b) => a.x - b.x);
  spots[0].dot.setAttribute("tabindex", "0");

  function show({ dot, words }) {
    card.replaceChildren(...words.split("\n").map((line) => {
      const row = document.createElement("p");
      row.textContent = line;
      return row;
    }));
    card.hidden = false;
    const frame = chart.parentElement.getBoundingClientRect();
    const place = dot.getBoundingClientRect();
    const left = place.left - frame.left + place.width / 2;
    const room = frame.width - card.offsetWidth;
    card.style.left = `${Math.max(0, Math.min(room, left - card.offsetWidth / 2))}px`;
    const above = place.top - frame.top - card.offsetHeight - 8;
    card.style.top = `${above > 0 ? above : place.bottom - frame.top + 8}px`;
  }
  const hide = () => { card.hidden = true; };

  spots.forEach((spot, index) => {
    spot.dot.addEventListener("pointerenter", () => show(spot));
    spot.dot.addEventListener("pointerleave", hide);
    spot.dot.addEventListener("focus", () => show(spot));
    spot.dot.addEventListener("blur", hide);
    spot.dot.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") hide();
      if (!step) return;
      event.preventDefault();
      const next = spots[(index + step + spots.length) % spots.length];
      spot.dot.setAttribute("tabindex", "-1");
      next.dot.setAttribute("tabindex", "0");
      next.dot.focus();
    });
  });
}

/** Charts, as they are now. */
function improve() {
  document.querySelectorAll("svg.chart").forEach(makeReadable);
  document.querySelectorAll("figure[data-module]").forEach(offer);
}

document.querySelectorAll("form[data-live]").forEach(enliven);
improve();
