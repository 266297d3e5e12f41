// By hand: what is typed into the blanks, which part of the sheet, sliders and buttons of the other tabs.
import { put } from "./parts.js";
import { component, free, wishing } from "./wishes.js";

const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };

function begin(root) {
  const s = {};
  const shown = {};
  s.draw = (data) => {
    put(root, shown, data.parts, data.still);
    for (const field of root.querySelectorAll("[data-field]"))
      if (field !== root.activeElement || !s.waiting) field.value = data.place[field.dataset.field];
    const { answers } = data.place;
    for (const blank of blanks())
      if (blank !== root.activeElement || blank.value === blank.dataset.said) blank.value = blank.dataset.said = answers[blank.dataset.answer] ?? "";
    root.querySelector(".root").dataset.task = data.place.task;
  };
  wishing(s);

  const blanks = () => [...root.querySelectorAll("[data-answer]")];

  // --- what is typed

  function answer(blank, more = {}) {
    const { answer: cell } = blank.dataset, { answers } = s.at();
    if ((answers[cell] ?? "") === blank.value.trim() && !Object.keys(more).length) return;
    blank.dataset.said = blank.value;
    s.wish({ answers: { ...answers, [cell]: blank.value.trim() }, focus: cell, ...more });
  }
  // The next blank that is not right yet, else the next one; the last leads to the next part.
  function on(blank, by) {
    const all = blanks(), place = all.indexOf(blank) + by;
    if (all[place]) all[place].focus();
    else blank.blur();
  }
  const typing = (event) => {
    const blank = event.target.closest?.("[data-answer]");
    if (!blank) return;
    if (event.key === "Enter") {
      answer(blank);
      on(blank, event.shiftKey ? -1 : 1);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") on(blank, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") blank.blur();
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
    const { rail = [], tasks } = s.data, { part, task } = s.at();
    if (event.key in KEYS && task === "sheet" && rail.length) {
      const place = Math.max(0, rail.indexOf(part)) + KEYS[event.key];
      if (rail[place] !== undefined) s.wish({ part: rail[place], focus: "" });
    } else if (tasks[event.key - 1]) s.wish({ task: tasks[event.key - 1] });
    else return;
    event.preventDefault();
  };
  const click = (event) => {
    const target = event.target.closest("[data-set],[data-say]");
    if (!target || target.disabled) return;
    const { set, say } = target.dataset;
    if (say !== undefined) document.dispatchEvent(new CustomEvent("backprop:say", { detail: say }));
    else s.wish(JSON.parse(set));
  };
  const typed = ({ target }) => {
    const { field } = target.dataset;
    if (field) s.wish({ [field]: target.tagName === "SELECT" || target.type === "text" ? target.value : +target.value });
  };
  const rootEvents = { click, input: typed, keydown: typing, focusin: entered, focusout: left };
  for (const [name, heard] of Object.entries(rootEvents)) root.addEventListener(name, heard);
  document.addEventListener("keydown", key, true); // on the way down: Streamlit's lists let no key come up again
  const { end } = s;
  s.end = () => {
    for (const [name, heard] of Object.entries(rootEvents)) root.removeEventListener(name, heard);
    document.removeEventListener("keydown", key, true);
    end();
  };
  return s;
}

export default component(begin);
