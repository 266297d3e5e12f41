// One iteration: the walk by keys and clicks.
import { put } from "./parts.js";
import { component, free, wishing } from "./wishes.js";

const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", End: "end", Home: "home", n: "iteration", N: "iteration" };

function begin(root) {
  const s = {};
  const shown = {};
  s.draw = (data) => {
    root.querySelector(".root").classList.toggle("picture", !data.keys);
    put(root, shown, data.parts, data.still);
  };
  wishing(s);

  const covered = (at) => (at.hide || at.predict) && !at.revealed && !at.guess && at.stop > 0 && !at.selected;
  const to = (iteration, stop) => s.wish({ iteration, stop, selected: "", revealed: false, guess: "" });
  function command(name) {
    const at = s.at();
    const { stops, phases, iteration } = { ...s.data, iteration: at.iteration };
    const last = stops[stops.length - 1];
    const after = stops.find((stop) => stop > at.stop);
    const before = stops.findLast((stop) => stop < at.stop);
    switch (name) {
      case "next":
        if (covered(at)) s.wish({ revealed: true });
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
  }

  // An option of the question, by its number; not while the page is on its way to another stop, whose question is not here yet.
  function choose(number) {
    const { stop, iteration } = s.data.place;
    const at = s.at();
    if (at.predict && covered(at) && at.stop === stop && at.iteration === iteration) root.querySelectorAll(".options button")[number - 1]?.click();
  }

  const click = (event) => {
    const target = event.target.closest("[data-go],[data-stop],[data-set],[data-jump],[data-sel]");
    if (!s.data.keys || !target || target.disabled) return;
    const { go, stop, set, jump, sel } = target.dataset;
    const at = s.at();
    if (go !== undefined) command(go);
    else if (stop !== undefined) to(at.iteration, +stop);
    else if (set !== undefined) s.wish(JSON.parse(set));
    else if (jump !== undefined) to(jump === "0" ? 0 : at.iteration + +jump, at.stop);
    else if (sel !== undefined) s.wish({ selected: sel, guess: "" });
  };
  const key = (event) => {
    if (/^[1-3]$/.test(event.key) && s.data?.keys && free(event)) return choose(+event.key);
    let name = KEYS[event.key];
    if (!name || !s.data?.keys || !free(event)) return;
    if (event.shiftKey && (name === "next" || name === "back")) name += "-phase";
    event.preventDefault();
    command(name);
  };
  s.hear(root, { click });
  s.hear(document, { keydown: key }, true);
  return s;
}

export default component(begin);
