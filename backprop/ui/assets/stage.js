// Puts the server's strings on the page, and says where a click or a key wants to go.
// Every wish is absolute ("step 17", never "one more") and carries the memo of the place: a message that is lost, said twice,
// or heard by a server that has just been restarted still lands where it should.
// The equation comes as TeX and is set here by KaTeX: through Streamlit's Markdown the same formula takes six times as long.
import "./katex/katex.min.js";
import { follow, kept, MISSING } from "./address.js";

const FONTS = [["Main", "Regular"], ["Main", "Bold", "bold"], ["Main", "Italic", "normal", "italic"], ["Math", "Italic", "normal", "italic"], ["Math", "BoldItalic", "bold", "italic"], ["AMS", "Regular"],
  ["Size1", "Regular"], ["Size2", "Regular"], ["Size3", "Regular"], ["Size4", "Regular"]];
for (const [name, cut, weight = "normal", style = "normal"] of FONTS)
  document.fonts.add(new FontFace(`KaTeX_${name}`, `url(${new URL(`./katex/fonts/KaTeX_${name}-${cut}.woff2`, import.meta.url)})`, { weight, style }));

// Streamlit sends after a timer of 0 ms, and right after a key press the browser lets timers wait for the next frame.
function atOnce(send) {
  const later = window.setTimeout;
  window.setTimeout = (work, wait, ...rest) => (wait ? later(work, wait, ...rest) : (queueMicrotask(work), 0));
  try { send(); } finally { window.setTimeout = later; }
}

const stages = new WeakMap();
const NARROW = matchMedia("(max-width: 640px)");
const LOST = 1500; // ms without an answer after which a wish is said again

export default function ({ data, parentElement, setStateValue }) {
  let stage = stages.get(parentElement);
  if (!stage) stages.set(parentElement, (stage = begin(parentElement)));
  stage.say = setStateValue; // a trigger value would wait for a timer, which after a key press waits for the next frame
  const { text, ...parts } = data;
  stage.show({ ...JSON.parse(text), parts });
  return stage.end; // Streamlit calls it at unmount
}

// A drawing comes as lines, one shape or a few on each. Lines that stay keep their shapes: the browser lays out and paints only
// what is new, and a ring is drawn in once, when its number is made.
function redraw(part, drawing) {
  const [head, ...lines] = drawing.split("\n");
  lines.pop(); // </svg>
  let svg = part.firstElementChild;
  if (part.head !== head || !svg) {
    part.innerHTML = `${head}</svg>`;
    svg = part.firstElementChild;
    Object.assign(part, { head, drawn: [] });
  }
  const where = new Map();
  part.drawn.forEach(({ line }, place) => where.has(line) ? where.get(line).push(place) : where.set(line, [place]));
  const kept = lines.map(() => -1);
  let least = -1;
  lines.forEach((line, place) => {
    const found = where.get(line)?.find((old) => old > least);
    if (found !== undefined && found - least < 60) kept[place] = least = found;
  });
  const stays = new Set(kept);
  part.drawn.forEach(({ shapes }, place) => stays.has(place) || shapes.forEach((shape) => shape.remove()));
  const parser = document.createElement("template");
  parser.innerHTML = `${head}${lines.map((line, place) => (kept[place] < 0 ? `<g>${line}</g>` : "")).join("")}</svg>`;
  const fresh = parser.content.firstElementChild;
  let after = null;
  for (let place = lines.length - 1; place >= 0; place--) { // from the last to the first: each stands before the one after it
    const shapes = kept[place] < 0 ? [...fresh.lastElementChild.childNodes] : part.drawn[kept[place]].shapes;
    if (kept[place] < 0) {
      fresh.lastElementChild.remove();
      const some = document.createDocumentFragment();
      some.append(...shapes);
      svg.insertBefore(some, after);
    }
    after = shapes[0] ?? after;
    lines[place] = { line: lines[place], shapes };
  }
  part.drawn = lines;
}

function begin(root) {
  const s = { parts: {}, wanted: null, changed: false, waiting: false, seq: 0, timer: 0, data: null };
  s.id = Math.random().toString(36).slice(2, 8);

  s.show = (data) => {
    if (s.data && data.panel.born !== s.data.panel.born && data.ack === null && !s.restoring) return restore();
    const mine = s.data || data.ack !== null ? null : kept();
    s.restoring = false;
    s.data = data;
    root.querySelector(".root").classList.toggle("picture", !data.keys);
    const held = root.activeElement?.dataset?.go; // keep the focus over the redraw
    for (const [name, html] of Object.entries(data.parts)) {
      if (s.parts[name] === html) continue;
      s.parts[name] = html;
      const part = root.querySelector(`[data-part="${name}"]`);
      if (name === "tex") katex.render(html, part, { displayMode: true, throwOnError: false, strict: false });
      else if (name === "net") redraw(part, html);
      else part.innerHTML = html;
      // a ring is drawn in once, when its number is made; while a slider is dragged nothing is animated
      part.classList.toggle("still", data.still === true);
    }
    if (held) root.querySelector(`[data-go="${held}"]`)?.focus();
    if (data.ack === `${s.id}:${s.seq}`) {
      s.waiting = false;
      clearTimeout(s.timer);
      if (s.changed) flush();
      else s.wanted = null;
    }
    window.backpropNow = data.panel; // what the sliders show of this step; they may mount later than this
    document.dispatchEvent(new CustomEvent("backprop:now", { detail: data.panel }));
    if (mine !== null) return remember(mine);
    follow(data.panel.memo);
    if (s.narrow !== NARROW.matches && (NARROW.matches || data.narrow)) {
      s.narrow = NARROW.matches;
      s.say("narrow", NARROW.matches);
    }
  };

  // One wish on its way at a time; what is pressed meanwhile changes the next one.
  function flush(more = {}) {
    s.seq++;
    s.waiting = true;
    s.changed = false;
    const { memo, born, turn } = s.data.panel;
    window.backpropTurn = (window.backpropTurn ?? 0) + 1; // of two messages of this page the server believes the later one
    const message = { wish: s.wanted, id: `${s.id}:${s.seq}`, turn: window.backpropTurn, seen: turn, memo, born, ...more };
    atOnce(() => s.say("go", message));
    clearTimeout(s.timer);
    s.timer = setTimeout(() => again(message), LOST);
  }
  // The server has begun anew and shows its start: tell it where this page was (the old name of the session says so).
  function restore() {
    s.restoring = true;
    s.wanted ??= s.data.place;
    flush();
  }
  // The address names a lesson that is too long for it and that this browser has kept.
  function remember(memo) {
    s.wanted = {};
    s.data.panel = { ...s.data.panel, ...(memo === MISSING ? {} : { memo, born: "kept" }) };
    flush(memo === MISSING ? { lost: true } : {});
  }
  // A restarted server does not know this page's fragment; what the sliders say, which lie outside it, it does hear.
  function again(message) {
    document.dispatchEvent(new CustomEvent("backprop:again", { detail: message }));
    s.timer = setTimeout(() => again(message), LOST);
  }
  function wish(fields) {
    s.wanted = { ...(s.wanted ?? s.data.place), ...fields };
    s.changed = true;
    if (!s.waiting) flush();
  }
  const to = (iteration, stop) => wish({ iteration, stop, selected: "", revealed: false });

  s.command = (name) => {
    const at = s.wanted ?? s.data.place;
    const { stops, phases, iteration } = { ...s.data, iteration: at.iteration };
    const last = stops[stops.length - 1];
    const after = stops.find((stop) => stop > at.stop);
    const before = stops.findLast((stop) => stop < at.stop);
    switch (name) {
      case "next":
        if (at.hide && !at.revealed && at.stop > 0 && !at.selected) wish({ revealed: true });
        else if (after !== undefined) to(iteration, after);
        else to(iteration + 1, 0);
        break;
      case "back":
        if (before !== undefined) to(iteration, before);
        else if (iteration > 0) to(iteration - 1, last);
        break;
      case "next-phase": to(iteration, phases.find((stop) => stop > at.stop) ?? last); break;
      case "back-phase": to(iteration, phases.findLast((stop) => stop < at.stop) ?? 0); break;
      case "end": to(iteration, last); break;
      case "home": if (at.stop > 0) to(iteration, 0); else to(0, 0); break;
      case "iteration": to(iteration + 1, at.stop); break;
    }
  };

  const click = (event) => {
    const target = event.target.closest("[data-go],[data-stop],[data-set],[data-jump],[data-sel]");
    if (!s.data.keys || !target || target.disabled) return;
    const { go, stop, set, jump, sel } = target.dataset;
    const at = s.wanted ?? s.data.place;
    if (go !== undefined) s.command(go);
    else if (stop !== undefined) to(at.iteration, +stop);
    else if (set !== undefined) wish(JSON.parse(set));
    else if (jump !== undefined) to(jump === "0" ? 0 : at.iteration + +jump, at.stop);
    else if (sel !== undefined) wish({ selected: sel });
  };
  const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", End: "end", Home: "home", n: "iteration", N: "iteration" };
  const BUSY = '[role="combobox"],[role="listbox"],[role="slider"],[role="dialog"],[role="menu"],[role="tablist"],[role="grid"]';
  const key = (event) => {
    if (!s.data?.keys || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.composedPath()[0]; // the real target, also inside a shadow root
    let name = KEYS[event.key];
    if (!name) return;
    const chosen = at.matches?.('[role="combobox"][aria-expanded="false"]') && event.key.length > 1; // a closed list has no use for arrows
    if (!chosen && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.closest?.(BUSY))) return;
    if (event.shiftKey && (name === "next" || name === "back")) name += "-phase";
    event.preventDefault();
    s.command(name);
  };
  // A server that has been restarted knows nothing of this page until it is told; otherwise the first click would be lost on it.
  const app = document.querySelector("[data-test-connection-state]");
  const connected = () => app?.dataset.testConnectionState === "CONNECTED";
  let before = connected();
  const line = new MutationObserver(() => {
    const now = connected();
    if (now && !before && s.data) wish({});
    before = now;
  });
  if (app) line.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
  const turned = () => s.data && s.show(s.data);
  root.addEventListener("click", click);
  document.addEventListener("keydown", key, true); // on the way down: Streamlit's lists let no key come up again
  NARROW.addEventListener("change", turned);
  s.end = () => {
    root.removeEventListener("click", click);
    document.removeEventListener("keydown", key, true);
    NARROW.removeEventListener("change", turned);
    line.disconnect();
    clearTimeout(s.timer);
    stages.delete(root);
  };
  return s;
}
