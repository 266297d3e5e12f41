// Follow one weight: which number, which tab, which path; sliders inside the tabs; what lights up under the pointer.
import { put } from "./parts.js";
import { component, free, wishing } from "./wishes.js";

const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1, Home: "first", End: "last" };

const ASK = 400; // ms

function begin(root) {
  const s = {};
  const shown = {};
  let pointed = { path: 0, cells: [] }; // what the pointer lights; a redraw under a still hand keeps it
  let asking = 0; // SymPy is still at work: ask again
  s.draw = (data) => {
    put(root, shown, data.parts, data.still);
    for (const field of root.querySelectorAll("[data-field]"))
      if (field !== root.activeElement || !s.waiting) field.value = data.place[field.dataset.field];
    root.querySelector(".root").dataset.tab = data.place.tab;
    const { followed, tab } = data.place;
    if (followed !== pointed.followed || tab !== pointed.tab) pointed = { path: 0, cells: [], followed, tab };
    light(pointed.path, pointed.cells);
    clearTimeout(asking);
    if (data.pending) asking = setTimeout(() => s.wish({}), ASK);
  };
  wishing(s);

  // --- lights: all in the browser, at once

  // The path of a row; where none is pointed at or pinned, the one that the server lights, and no row is pale.
  function pathLit(number) {
    const chosen = number || s.at().path;
    for (const part of root.querySelectorAll("[data-path]")) {
      const on = part.dataset.path === String(chosen || s.data.lit);
      part.classList.toggle("on", on);
      part.classList.toggle("dim", Boolean(chosen) && !on);
    }
  }
  function cellsLit(addresses) {
    const all = new Set(addresses);
    for (const part of root.querySelectorAll("[data-cell],[data-sel]")) part.classList.toggle("lit", all.has(part.dataset.cell ?? part.dataset.sel));
  }
  function light(path, cells) {
    Object.assign(pointed, { path, cells });
    pathLit(path);
    cellsLit(cells);
  }
  const over = ({ target }) =>
    light(target.closest?.("[data-path]")?.dataset.path ?? 0, target.closest?.("[data-light]")?.dataset.light.split(" ") ?? []);
  const out = ({ relatedTarget }) => {
    if (!relatedTarget || !root.contains(relatedTarget)) light(0, []);
  };

  // --- wishes

  const to = (cell) => s.wish({ followed: cell, path: 0, op: 0 });
  function move(by) {
    const { numbers, ops } = s.data, at = s.at();
    if (at.tab === "graph") {
      const all = ops + 1;
      return s.wish({ op: by === "first" ? 0 : by === "last" ? ops : (at.op + by + all) % all });
    }
    const place = numbers.indexOf(at.followed), count = numbers.length;
    to(numbers[by === "first" ? 0 : by === "last" ? count - 1 : place < 0 ? 0 : (place + by + count) % count]);
  }
  const pin = (number) => s.wish({ path: s.at().path === number ? 0 : number });
  const key = (event) => {
    if (!s.data || !free(event)) return;
    const { tabs, paths } = s.data, { path, tab } = s.at();
    const row = (event.key === "Enter" || event.key === " ") && event.composedPath()[0].dataset?.path;
    if (row) pin(+row);
    else if (event.key in KEYS) move(KEYS[event.key]);
    else if (tabs[event.key - 1]) s.wish({ tab: tabs[event.key - 1] });
    else if (tab === "paths" && (event.key === "ArrowDown" || event.key === "ArrowUp"))
      s.wish({ path: (path + (event.key === "ArrowDown" ? 1 : paths) + (paths + 1)) % (paths + 1) });
    else return;
    event.preventDefault();
  };
  const click = (event) => {
    const target = event.target.closest("[data-set],[data-path],[data-sel]");
    if (!target || target.disabled) return;
    const { set, path, sel } = target.dataset;
    if (set !== undefined) s.wish(JSON.parse(set));
    else if (path !== undefined) pin(+path);
    else to(sel);
  };
  const typed = (event) => {
    const { field } = event.target.dataset;
    if (field === "followed") to(event.target.value);
    else if (field) s.wish({ [field]: +event.target.value });
  };
  s.hear(root, { click, input: typed, pointerover: over, focusin: over, pointerout: out, focusout: out });
  s.hear(document, { keydown: key }, true);
  s.ending(() => clearTimeout(asking));
  return s;
}

export default component(begin);
