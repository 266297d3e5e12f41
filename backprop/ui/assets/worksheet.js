// Puts the sheet on the page, sets its formulas, and prints. The symbols of a block are as wide as its widest, so that
// the equals signs stand below each other; what is wider than the paper is made smaller.
import "./parts.js"; // KaTeX and its fonts

export default function ({ data, parentElement }) {
  const { text, sheet } = data;
  const { macros, print } = JSON.parse(text);
  const root = parentElement.querySelector(".root");
  const button = root.querySelector(".print");
  button.textContent = print;
  button.onclick = () => window.print();
  const desk = root.querySelector(".desk");
  if (desk.sheet === sheet) return;
  desk.sheet = sheet;
  desk.innerHTML = sheet; // the server has escaped every text in it
  for (const part of desk.querySelectorAll("[data-tex]"))
    katex.render(`\\displaystyle ${part.dataset.tex}`, part, { macros: { ...macros }, throwOnError: false, strict: false });
  const fit = () => {
    for (const lines of desk.querySelectorAll(".lines")) {
      const wide = [...lines.children].map((line) => line.firstElementChild.firstElementChild.getBoundingClientRect().width);
      lines.style.setProperty("--symbol", `${Math.max(...wide)}px`);
    }
    for (const part of desk.querySelectorAll(".formula > *, .sum > .m")) {
      part.style.fontSize = "";
      const wide = part.scrollWidth / part.parentElement.clientWidth;
      if (wide > 1) part.style.fontSize = `${Math.floor(98 / wide)}%`;
    }
  };
  fit();
  document.fonts.ready.then(fit);
}
