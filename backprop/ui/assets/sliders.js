// The lesson's numbers on native range and number inputs, labelled, at most 25 messages a second.
// What the hand has moved and the server has not yet confirmed belongs to the hand: older values never pull it back.
const panels = new WeakMap();
const EVERY = 40; // ms between messages while dragging
const LOST = 800; // ms after which an unanswered message no longer holds the next one back

export default function ({ data, parentElement, setStateValue }) {
  let panel = panels.get(parentElement);
  if (!panel) panels.set(parentElement, (panel = begin(parentElement)));
  panel.send = setStateValue;
  panel.show(JSON.parse(data.text));
  return panel.end;
}

function begin(root) {
  const p = { rows: {}, shape: "", mine: new Map(), held: null, last: 0, timer: 0, seq: 0, gesture: 0, waiting: 0, data: null };
  p.id = Math.random().toString(36).slice(2, 8);

  p.show = (data) => {
    p.data = data;
    const shape = JSON.stringify(data.groups.map((g) => [g.title, g.range, g.open, g.rows.map((r) => [r.name, r.label, r.lo, r.hi])]));
    if (shape !== p.shape) {
      p.shape = shape;
      build(data);
    }
    if (data.ack === p.told) clearTimeout(p.watch);
    const [who, number] = (data.ack || ":0").split(":");
    if (who === p.id) for (const [name, edit] of p.mine) if (edit.seq && edit.seq <= +number) p.mine.delete(name);
    if (who === p.id && +number >= p.seq) p.waiting = 0;
    p.now();
    const notice = root.querySelector(".notice");
    notice.textContent = data.notice;
    for (const group of data.groups)
      for (const r of group.rows) if (!p.mine.has(r.name) && p.held !== r.name) put(p.rows[r.name], r.value, null);
  };

  // What the present step reads is marked, and what can be undone is known: the stage tells it with every step.
  p.now = () => {
    const now = window.backpropNow;
    if (!now || !p.data) return;
    const tools = root.querySelector(".tools-here");
    if (tools && tools.dataset.now !== now.tools) tools.innerHTML = tools.dataset.now = now.tools;
    for (const [name, row] of Object.entries(p.rows)) {
      const hue = now.hot[name];
      row.el.classList.toggle("hot", Boolean(hue));
      row.el.style.setProperty("--hot", hue ? `var(--${hue}-t)` : "");
    }
  };

  function put(row, value, from) {
    if (from !== row.range) row.range.value = value; // the browser keeps it inside min … max
    if (from !== row.box) row.box.value = Number(value).toFixed(Math.min(6, Math.max(2, (String(value).split(".")[1] || "").length)));
    row.range.style.setProperty("--p", `${(100 * (row.range.value - row.range.min)) / (row.range.max - row.range.min)}%`);
  }

  function build(data) {
    p.rows = {};
    p.mine.clear();
    p.held = null;
    const box = root.querySelector(".root");
    const closed = new Set([...box.querySelectorAll("details:not([open])")].map((d) => d.dataset.title));
    box.textContent = "";
    for (const group of data.groups) {
      const part = document.createElement("details");
      part.dataset.title = group.title;
      part.open = group.open && !closed.has(group.title);
      const head = document.createElement("summary");
      head.innerHTML = `<b></b><span></span>`;
      head.firstChild.textContent = group.title;
      head.lastChild.textContent = group.range;
      part.append(head);
      if (!box.childElementCount) part.insertAdjacentHTML("beforeend", '<div class="tools-here"></div>');
      for (const r of group.rows) part.append(line(r));
      box.append(part);
    }
  }

  function line(r) {
    const el = document.createElement("div");
    el.className = "r";
    el.dataset.name = r.name;
    el.innerHTML = `<label for="${r.name}">${r.label}</label><input type="range" id="${r.name}" min="${r.lo}" max="${r.hi}" step="0.01"><input type="number" step="any">`;
    const [, range, box] = el.children;
    range.setAttribute("aria-label", r.words);
    box.setAttribute("aria-label", r.exact);
    const row = (p.rows[r.name] = { el, range, box });
    range.oninput = () => edit(r.name, row, range, +range.value);
    range.onpointerdown = () => { p.held = r.name; p.gesture++; };
    range.onkeydown = () => { p.gesture++; };
    range.onpointerup = range.onpointercancel = range.onlostpointercapture = () => { if (p.held) { p.held = null; push(true); } };
    box.onfocus = () => { p.held = r.name; p.gesture++; };
    box.onblur = () => { p.held = null; p.show(p.data); };
    box.onchange = () => { if (box.value !== "" && isFinite(box.valueAsNumber)) edit(r.name, row, box, box.valueAsNumber); else p.show(p.data); };
    box.onkeydown = (event) => { if (event.key === "Enter") box.blur(); };
    return el;
  }

  // Said again until it is heard: a message can be lost when the stage says something at the same moment.
  function tell(message, times = 10) {
    message.turn ??= window.backpropTurn = (window.backpropTurn ?? 0) + 1; // shared with the stage, which counts on
    message.seen ??= window.backpropNow?.turn;
    p.told = message.id;
    p.send("edit", message);
    clearTimeout(p.watch);
    if (times) p.watch = setTimeout(() => tell(message, times - 1), LOST);
  }

  function edit(name, row, from, value) {
    put(row, value, from);
    p.mine.set(name, { value, seq: 0 });
    push(false);
  }

  function push(now) {
    if (![...p.mine.values()].some((edit) => !edit.seq)) return;
    const free = p.waiting && performance.now() < p.waiting + LOST ? 20 : 0; // one message on its way at a time
    const wait = Math.max(free, now ? 0 : p.last + EVERY - performance.now());
    if (wait > 0) {
      p.timer ||= setTimeout(() => { p.timer = 0; push(now); }, wait);
      return;
    }
    clearTimeout(p.timer);
    p.timer = 0;
    p.last = p.waiting = performance.now();
    p.seq++;
    const values = {};
    for (const [name, edit] of p.mine) { // all that is unconfirmed: a message that is lost costs nothing
      edit.seq = p.seq;
      values[name] = edit.value;
    }
    tell({ values, gesture: `${p.id}:${p.gesture}`, id: `${p.id}:${p.seq}`, memo: memo(), born: window.backpropNow?.born });
  }

  const memo = () => window.backpropNow?.memo ?? p.data.memo;
  const again = (event) => tell({ values: event.detail.values ?? {}, gesture: event.detail.gesture, wish: event.detail.wish, born: event.detail.born, seen: event.detail.seen, stage: event.detail.id, memo: event.detail.memo, id: `${p.id}:${++p.seq}` });
  document.addEventListener("backprop:now", p.now);
  document.addEventListener("backprop:again", again);
  root.addEventListener("click", (event) => {
    const target = event.target.closest("[data-say],[data-set]");
    if (!target || target.disabled) return;
    p.mine.clear();
    p.seq++;
    const { say, set } = target.dataset;
    tell({ values: {}, say: say ?? "", wish: set ? JSON.parse(set) : {}, id: `${p.id}:${p.seq}`, memo: memo(), born: window.backpropNow?.born });
  });
  p.end = () => {
    clearTimeout(p.timer);
    clearTimeout(p.watch);
    document.removeEventListener("backprop:now", p.now);
    document.removeEventListener("backprop:again", again);
    panels.delete(root);
  };
  return p;
}
