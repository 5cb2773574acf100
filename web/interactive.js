// Draws a Vega-Lite specification of the portal where its still picture stands: zoom, pan, hover.
// Expressions are interpreted, never evaluated, as the portal's content policy demands.

import { compile } from "vega-lite";
import { View, parse } from "vega";
import { expressionInterpreter } from "vega-interpreter";

/** Clips every mark to the plot and binds its scales to wheel and drag. */
function zoomable(spec) {
  const layers = spec.layer ?? [];
  for (const layer of layers) {
    const mark = typeof layer.mark === "string" ? { type: layer.mark } : layer.mark;
    if (mark.type !== "text") layer.mark = { ...mark, clip: true };
  }
  if (layers.length) {
    layers[0].params = [{ name: "zoom", select: { type: "interval" }, bind: "scales" }];
  }
  return spec;
}

/** The specification as wide as its place; the page itself says what the chart is. */
function fitted(spec, width) {
  const config = {
    ...spec.config,
    axis: { ...spec.config?.axis, titleLimit: width - 60 },
    legend: { ...spec.config?.legend, columns: Math.max(1, Math.floor(width / 64)) },
  };
  const autosize = { type: "fit", contains: "padding" };
  return { ...spec, config, title: undefined, width, autosize };
}

/** The specification with the colours of a dark page where the reader prefers one. */
function coloured(text) {
  if (!matchMedia("(prefers-color-scheme: dark)").matches) return JSON.parse(text);
  const dark = JSON.parse(text).usermeta?.dark ?? {};
  const pattern = new RegExp(Object.keys(dark).join("|"), "g");
  return JSON.parse(text.replace(pattern, (day) => dark[day]));
}

/** Shows what a point is in the card of the page. */
function tooltip(card) {
  return (_handler, event, _item, value) => {
    card.hidden = value === null || value === undefined || value === "";
    if (card.hidden) return;
    const lines = typeof value === "object" ? Object.entries(value) : [["", value]];
    card.replaceChildren(...lines.map(([name, text]) => {
      const row = document.createElement("p");
      row.textContent = name ? `${name}: ${text}` : text;
      return row;
    }));
    const frame = card.parentElement.getBoundingClientRect();
    const left = event.clientX - frame.left + 12;
    card.style.left = `${Math.max(0, Math.min(left, frame.width - card.offsetWidth))}px`;
    card.style.top = `${event.clientY - frame.top + 14}px`;
  };
}

/** Replaces what is in `place` by the chart that `address` specifies. */
export async function draw(place, address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  const spec = fitted(zoomable(coloured(await answer.text())), place.clientWidth);
  const runtime = parse(compile(spec).spec, undefined, { ast: true });
  const box = document.createElement("div");
  box.className = "drawn";
  const card = document.createElement("div");
  card.className = "card";
  card.hidden = true;
  place.replaceChildren(box, card);
  const view = new View(runtime, { expr: expressionInterpreter, renderer: "canvas", hover: true });
  view.tooltip(tooltip(card));
  await view.initialize(box).runAsync();
  return view;
}
