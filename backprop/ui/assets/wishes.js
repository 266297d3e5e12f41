// Says to the server where a click, a key or a drag wants to go.
// Every wish is absolute ("step 17", never "one more") and carries the memo of the place: a message that is lost, said twice,
// or heard by a server that has just been restarted still lands where it should.
import { follow, kept, MISSING } from "./address.js";

const NARROW = matchMedia("(max-width: 640px)");
const LOST = 1500; // ms without an answer after which a wish is said again

// Streamlit sends after a timer of 0 ms, and right after a key press the browser lets timers wait for the next frame.
function atOnce(send) {
  const later = window.setTimeout;
  window.setTimeout = (work, wait, ...rest) => (wait ? later(work, wait, ...rest) : (queueMicrotask(work), 0));
  try { send(); } finally { window.setTimeout = later; }
}

// s.draw(data) puts the data on the page. Afterwards s has show(data), wish(fields), at() (the place that is wanted last),
// hear(target, events) and ending(work) for what lasts as long as the element, and end().
export function wishing(s) {
  Object.assign(s, { wanted: null, changed: false, waiting: false, seq: 0, timer: 0, data: null });
  s.id = Math.random().toString(36).slice(2, 8);
  s.at = () => s.wanted ?? s.data.place;

  s.show = (data) => {
    if (s.data && data.panel.born !== s.data.panel.born && data.ack === null && !s.restoring) return restore();
    const mine = s.data || data.ack !== null ? null : kept();
    s.restoring = false;
    s.data = data;
    s.draw(data);
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
    const { values, gesture, said } = s;
    const message = { wish: s.wanted, ...(values && { values, gesture }), ...(said && { say: said }), id: `${s.id}:${s.seq}`, turn: window.backpropTurn, seen: turn, memo, born, ...more };
    s.values = s.said = null;
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
  // A command that is no place: the server does it (state.SAYINGS) and says where that leads.
  s.order = (say) => flush({ say });
  // Numbers of the lesson, as a slider of the sidebar changes them; those of one gesture are undone together. said: a command after them.
  s.edit = (values, gesture, said) => {
    Object.assign(s, { values: { ...s.values, ...values }, gesture, said, changed: true });
    if (!s.waiting) flush();
  };
  s.wish = (fields) => {
    s.wanted = { ...s.at(), ...fields };
    s.changed = true;
    if (!s.waiting) flush();
  };

  // A server that has been restarted knows nothing of this page until it is told; otherwise the first click would be lost on it.
  const app = document.querySelector("[data-test-connection-state]");
  const connected = () => app?.dataset.testConnectionState === "CONNECTED";
  let before = connected();
  const line = new MutationObserver(() => {
    const now = connected();
    if (now && !before && s.data) s.wish({});
    before = now;
  });
  if (app) line.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
  const last = [() => line.disconnect(), () => clearTimeout(s.timer)];
  s.ending = (work) => last.push(work);
  s.end = () => last.forEach((work) => work());
  // early: on the way down, as keys are heard: Streamlit's lists let none come up again.
  s.hear = (target, events, early = false) => {
    for (const [name, heard] of Object.entries(events)) {
      target.addEventListener(name, heard, early);
      s.ending(() => target.removeEventListener(name, heard, early));
    }
  };
  s.hear(NARROW, { change: () => s.data && s.show(s.data) });
}

const BUSY = '[role="combobox"],[role="listbox"],[role="slider"],[role="dialog"],[role="menu"],[role="tablist"],[role="grid"]';
// Does a key belong to the page, and not to a field or a list that has the focus?
export function free(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const at = event.composedPath()[0]; // the real target, also inside a shadow root
  const chosen = at.matches?.('[role="combobox"][aria-expanded="false"]') && event.key.length > 1; // a closed list has no use for arrows
  return chosen || !(at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.closest?.(BUSY));
}

// The component's function for Streamlit: `begin(root)` makes what lives as long as the element does.
export function component(begin) {
  const living = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    let s = living.get(parentElement);
    if (!s) living.set(parentElement, (s = begin(parentElement)));
    s.say = setStateValue; // a trigger value would wait for a timer, which after a key press waits for the next frame
    const { text, ...parts } = data;
    s.show({ ...JSON.parse(text), parts });
    return () => { // Streamlit calls it at unmount
      s.end();
      living.delete(parentElement);
    };
  };
}
