// Descent: where in the run, at which learning rate, along which weights.
import { exploring } from "./explore.js";
import { component } from "./wishes.js";

const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const BEAT = 90; // ms between two iterations while playing

function begin(root) {
  let playing = 0, gesture = 0;
  const s = exploring(root, {
    key(event) {
      const { iteration } = s.at();
      if (event.key in KEYS) to(iteration + KEYS[event.key]);
      else if (event.key === "Home") to(0);
      else if (event.key === "End") to(s.data.known);
      else if (event.key === " " && event.composedPath()[0].tagName !== "BUTTON") play();
      else return false;
      return true;
    },
    click(target) {
      if (target.dataset.do === "play") play();
      else if (target.dataset.do === "by") to(s.at().iteration + +target.dataset.by);
      else if (target.dataset.sel) s.wish({ along: target.dataset.sel }); // a weight or a bias that is looked at
      else return false;
      return true;
    },
    drawn() {
      root.querySelector("[data-do=play]")?.setAttribute("aria-pressed", String(Boolean(playing)));
      for (const field of root.querySelectorAll("[data-rate]")) if (field !== root.activeElement) field.value = Math.log10(s.data.rate || 1e-9);
    },
  });

  const to = (iteration) => s.wish({ iteration: Math.min(Math.max(0, iteration), s.data.known) });
  // Each beat waits for the picture of the one before.
  function play() {
    if (playing) return stop();
    if (s.at().iteration >= s.data.known) to(0);
    playing = setInterval(() => {
      if (s.waiting) return;
      if (s.at().iteration >= s.data.known) stop();
      else to(s.at().iteration + Math.max(1, Math.round(s.data.known / 200)));
    }, BEAT);
    s.draw(s.data);
  }
  function stop() {
    clearInterval(playing);
    playing = 0;
    s.draw(s.data);
  }

  // The learning rate belongs to the lesson: it is changed as by a slider of the sidebar, which follows when the hand rests.
  const began = ({ target }) => { if ("rate" in (target.dataset ?? {})) gesture++; };
  const slid = ({ target }) => {
    if ("rate" in target.dataset) s.edit({ learning_rate: +(10 ** +target.value).toPrecision(2) }, `${s.id}:rate:${gesture}`);
  };
  const rested = ({ target }) => { if ("rate" in (target.dataset ?? {})) s.edit({}, `${s.id}:rate:${gesture}`, "settle"); };
  s.hear(root, { pointerdown: began, keydown: began, input: slid, change: rested });
  s.ending(() => clearInterval(playing));
  return s;
}

export default component(begin);
