// Puts the server's strings on the page. The equation comes as TeX and is set here by KaTeX: through Streamlit's Markdown the
// same formula takes six times as long.
import "./katex/katex.min.js";

const FONTS = [["Main", "Regular"], ["Main", "Bold", "bold"], ["Main", "Italic", "normal", "italic"], ["Math", "Italic", "normal", "italic"], ["Math", "BoldItalic", "bold", "italic"], ["AMS", "Regular"],
  ["Size1", "Regular"], ["Size2", "Regular"], ["Size3", "Regular"], ["Size4", "Regular"]];
for (const [name, cut, weight = "normal", style = "normal"] of FONTS)
  document.fonts.add(new FontFace(`KaTeX_${name}`, `url(${new URL(`./katex/fonts/KaTeX_${name}-${cut}.woff2`, import.meta.url)})`, { weight, style }));

const TEX = { displayMode: true, throwOnError: false, strict: false };
const INLINE = { ...TEX, displayMode: false }; // breaks at its signs where the column ends

// Put into each data-part what has changed since it was last put there: an equation by KaTeX, a drawing line by line, else HTML.
export function put(root, shown, parts, still) {
  for (const [name, text] of Object.entries(parts)) {
    if (shown[name] === text) continue;
    shown[name] = text;
    const part = root.querySelector(`[data-part="${name}"]`);
    if (name === "tex") katex.render(text, part, TEX);
    else if (name === "net") redraw(part, text);
    else {
      patch(part, text, root.activeElement);
      for (const formula of part.querySelectorAll("[data-tex]")) katex.render(formula.dataset.tex, formula, "inline" in formula.dataset ? INLINE : TEX);
    }
    // a ring is drawn in once, when its number is made; while a slider is dragged nothing is animated
    part.classList.toggle("still", still === true);
  }
}

// New HTML for a part. What holds the focus (a slider under the finger, a button under the key) stays the element it was.
function patch(part, html, held) {
  if (!held || !part.contains(held)) return void (part.innerHTML = html);
  const fresh = part.cloneNode(false);
  fresh.innerHTML = html;
  morph(part, fresh, held);
}

function morph(from, to, held) {
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  const now = [...from.childNodes], next = [...to.childNodes];
  next.forEach((node, place) => {
    const old = now[place];
    if (!old) from.append(node);
    else if (old.contains(held) && old.nodeName === node.nodeName) {
      if (old.nodeName !== "SELECT" && old.nodeName !== "INPUT") morph(old, node, held);
    } else if (!old.isEqualNode(node)) old.replaceWith(node);
  });
  for (const old of now.slice(next.length)) old.remove();
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
