// What the pages of "Explore" have in common: tabs, fields, buttons, points that are dragged on a plot, numbers picked by click.
import { put } from "./parts.js";
import { free, wishing } from "./wishes.js";

const IDLE = 15; // ms between two looks at a computation that goes on

// Of a field's element: the value that it wishes.
function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.tagName === "SELECT" || field.type === "text") return "number" in field.dataset ? +field.value : field.value;
  const value = "log" in field.dataset ? +(10 ** +field.value).toPrecision(3) : +field.value;
  return "whole" in field.dataset ? Math.round(value) : value;
}

function show(field, value) {
  if (field.type === "checkbox") field.checked = value;
  else field.value = "log" in field.dataset ? Math.log10(value) : value;
}

// drawn(data) is told after each drawing; key(event) and click(target) may take what they know and say true.
export function exploring(root, { drawn = () => {}, key = () => false, click = () => false } = {}) {
  const s = {};
  const shown = {};
  let asking = 0, dragged = null;
  s.draw = (data) => {
    put(root, shown, data.parts, data.still);
    for (const field of root.querySelectorAll("[data-field]"))
      if (field !== root.activeElement || !s.waiting) show(field, data.stands?.[field.dataset.field] ?? data.place[field.dataset.field]); // what suggests itself is no choice
    root.querySelector(".root").dataset.tab = data.place[data.tab];
    clearTimeout(asking);
    if (data.pending) asking = setTimeout(() => s.waiting || s.wish({}), IDLE); // a computation goes on: ask again
    drawn(data);
  };
  wishing(s);

  // A plot's area: data-drag="field low high left right", px of the drawing; data-whole rounds, data-log counts in powers of ten.
  function drag({ clientX }) {
    const { field, low, high, left, right, a, e, log, whole } = dragged;
    const share = Math.min(1, Math.max(0, ((clientX - e) / a - left) / (right - left)));
    let value = low + (high - low) * share;
    if (log) value = 10 ** value;
    value = whole ? Math.round(value) : +value.toPrecision(4);
    if (s.at()[field] !== value) s.wish({ [field]: value });
  }
  const down = (event) => {
    const area = event.target.closest?.("[data-drag]");
    if (!area) return;
    event.preventDefault();
    const [field, ...numbers] = area.dataset.drag.split(" "), [low, high, left, right] = numbers.map(Number);
    const { a, e } = area.ownerSVGElement.getScreenCTM(); // now: while it is dragged the plot is drawn anew
    dragged = { field, low, high, left, right, a, e, log: "log" in area.dataset, whole: "whole" in area.dataset };
    drag(event);
  };
  const moved = (event) => dragged && drag(event);
  const up = () => (dragged = null);

  const pressed = (event) => {
    if (!s.data || !free(event)) return;
    const { tabs, tab } = s.data;
    if (key(event)) event.preventDefault();
    else if (tabs[event.key - 1]) {
      s.wish({ [tab]: tabs[event.key - 1] });
      event.preventDefault();
    }
  };
  const clicked = (event) => {
    const target = event.target.closest("[data-set],[data-say],[data-sel],[data-do],[data-edit]");
    if (!target || target.disabled || click(target)) return;
    const { set, say, edit } = target.dataset;
    if (edit !== undefined) return s.edit(JSON.parse(edit), `${s.id}:${performance.now()}`, "settle"); // the sidebar is told, too
    if (say !== undefined) s.order(say);
    else if (set !== undefined) s.wish(JSON.parse(set));
  };
  const typed = ({ target }) => {
    const { field } = target.dataset;
    if (field && target.type !== "text" && target.type !== "number") s.wish({ [field]: valueOf(target) });
  };
  const settled = ({ target }) => { // what is typed counts once it is finished
    const { field } = target.dataset;
    if (field && target.type === "number" && !target.reportValidity()) return; // the browser says what is allowed
    if (field && (target.type === "text" || (target.type === "number" && target.value !== ""))) s.wish({ [field]: valueOf(target) });
  };
  const entered = (event) => {
    if (event.key === "Enter" && event.target.dataset?.field) settled(event);
  };
  s.hear(root, { click: clicked, input: typed, change: settled, keydown: entered, pointerdown: down });
  s.hear(document, { pointermove: moved, pointerup: up, pointercancel: up });
  s.hear(document, { keydown: pressed }, true);
  s.ending(() => clearTimeout(asking));
  return s;
}
