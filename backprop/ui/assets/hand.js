// By hand: what is typed into the blanks, which part of the sheet, sliders and buttons of the other tabs.
import { put } from "./parts.js";
import { component, free, wishing } from "./wishes.js";

const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const DONE = ["right", "carried"];
const HINTS = 4;
const KEPT = "backprop:sheet:";

function begin(root) {
  const s = {};
  const shown = {};
  let checking = null; // {cell, text}: the answer whose verdict decides where Enter leads
  let arriving = ""; // the part whose first blank is to be entered
  s.draw = (data) => {
    put(root, shown, data.parts, data.still);
    for (const field of root.querySelectorAll("[data-field]"))
      if (field !== root.activeElement || !s.waiting) field.value = data.place[field.dataset.field];
    const { answers } = data.place;
    for (const blank of blanks())
      if (blank !== root.activeElement || blank.value === blank.dataset.said) blank.value = blank.dataset.said = answers[blank.dataset.answer] ?? "";
    root.querySelector(".root").dataset.task = data.place.task;
    if (checking && answers[checking.cell] === checking.text && checking.cell in (data.verdicts ?? {})) decide(data.verdicts);
    if (arriving && data.part === arriving) enter(data.verdicts);
    keep(data);
  };
  wishing(s);

  // What was typed stays in this tab of the browser: a reload finds it again. It goes nowhere else.
  function keep({ sheet, place }) {
    if (!sheet) return;
    const typed = { answers: place.answers, hints: place.hints };
    const some = Object.keys(typed.answers).length > 0;
    if (!s.seen && !some) {
      const kept = sessionStorage.getItem(`${KEPT}${sheet}`);
      if (kept) queueMicrotask(() => s.wish(JSON.parse(kept)));
    } else if (some || s.seen === sheet) sessionStorage.setItem(`${KEPT}${sheet}`, JSON.stringify(typed));
    s.seen = sheet;
  }

  const blanks = () => [...root.querySelectorAll("[data-answer]")];
  const blank = (cell) => root.querySelector(`[data-answer="${cell}"]`);

  // --- what is typed

  function answer(field) {
    const { answer: cell } = field.dataset, { answers } = s.at(), text = field.value.trim();
    if ((answers[cell] ?? "") === text) return;
    field.dataset.said = field.value;
    s.wish({ answers: { ...answers, [cell]: text }, focus: cell });
  }
  // After Enter: a right answer leads on to the next open blank, or to the next part; another one stays under the cursor.
  function decide(verdicts) {
    const { cell } = checking, field = blank(cell);
    checking = null;
    if (!DONE.includes(verdicts[cell])) return void field?.select();
    const all = blanks(), place = all.indexOf(field);
    const open = [...all.slice(place + 1), ...all.slice(0, place)].find((each) => !DONE.includes(verdicts[each.dataset.answer]));
    (open ?? root.querySelector("[data-next]"))?.focus();
  }
  function enter(verdicts) {
    arriving = "";
    (blanks().find((each) => !DONE.includes(verdicts[each.dataset.answer])) ?? blanks()[0] ?? root.querySelector("[data-next]"))?.focus();
  }
  function step(field, by) {
    const all = blanks();
    all[all.indexOf(field) + by]?.focus();
  }
  function hint(cell) {
    const { hints } = s.at(), level = hints[cell] ?? 0;
    if (level < HINTS) s.wish({ hints: { ...hints, [cell]: level + 1 }, focus: cell });
  }
  const typing = (event) => {
    const field = event.target.closest?.("[data-answer]");
    if (!field) return;
    const { answer: cell } = field.dataset;
    if (event.key === "Enter" && event.ctrlKey) field.closest(".row").querySelector(".turn").click();
    else if (event.key === "Enter" && event.shiftKey) step(field, -1);
    else if (event.key === "Enter") {
      answer(field);
      const text = field.value.trim();
      checking = text ? { cell, text } : null;
      if (!checking) step(field, 1);
      else if (!s.waiting) decide(s.data.verdicts);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(field, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "?") hint(cell);
    else if (event.key === "Escape") field.blur();
    else return;
    event.preventDefault();
  };
  const left = ({ target }) => target.dataset?.answer && answer(target);
  const entered = ({ target }) => {
    if (target.dataset?.answer && s.at().focus !== target.dataset.answer) s.wish({ focus: target.dataset.answer });
  };

  // --- wishes

  const key = (event) => {
    if (!s.data || !free(event)) return;
    const { rail = [], tasks, part } = s.data, { task } = s.at();
    if (event.key in KEYS && task === "sheet" && rail.length) {
      const next = rail[rail.indexOf(s.at().part || part) + KEYS[event.key]];
      if (next !== undefined) s.wish({ part: next, focus: "" });
    } else if (event.key === "Enter" && task === "sheet" && event.target === document.body) enter(s.data.verdicts);
    else if (tasks[event.key - 1]) s.wish({ task: tasks[event.key - 1] });
    else return;
    event.preventDefault();
  };
  const click = (event) => {
    const target = event.target.closest("[data-set],[data-say],[data-sel]");
    if (!target || target.disabled) return;
    const { set, say, sel, next } = target.dataset;
    if (say !== undefined) another(say);
    else if (sel !== undefined) blank(sel)?.focus(); // a number of the network leads to its blank
    else {
      const wish = JSON.parse(set);
      if (next !== undefined) arriving = wish.part;
      s.wish(wish);
    }
  };
  // Another sheet begins at its first blank.
  function another(say) {
    s.wanted = { ...s.at(), part: "", focus: "", answers: {}, hints: {} };
    arriving = s.data.rail[0];
    s.order(say);
  }
  const typed = ({ target }) => {
    const { field } = target.dataset;
    if (field) s.wish({ [field]: target.tagName === "SELECT" || target.type === "text" ? target.value : +target.value });
  };
  s.hear(root, { click, input: typed, keydown: typing, focusin: entered, focusout: left });
  s.hear(document, { keydown: key }, true);
  return s;
}

export default component(begin);
