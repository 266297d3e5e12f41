// The address of the page follows the place, so that a reload, the back button or a copied address shows it again.
// It is replaced when things have come to rest, never added to the history: Back leads to the page before.
// A lesson too long for a link is kept in this browser, under a name that the address carries.
const REST = 400; // ms
const LONGEST = 3900; // characters of a query
const KEPT = "backprop:";
let timer = 0;

export function follow(memo) {
  clearTimeout(timer);
  timer = setTimeout(() => write(memo), REST);
}

function write(memo) {
  const query = memo.replace(/&?shown=1/, "");
  const others = [...new URLSearchParams(location.search)].filter(([key]) => key.startsWith("embed")).map((pair) => new URLSearchParams([pair]).toString());
  const all = [...others, query.length > LONGEST ? `kept=${keep(memo)}` : query].filter(Boolean).join("&");
  const address = location.pathname + (all ? `?${all}` : "") + location.hash;
  if (address !== location.pathname + location.search + location.hash) history.replaceState(history.state, "", address);
}

function keep(memo) {
  let name = 5381;
  for (const letter of memo) name = (name * 33 + letter.codePointAt(0)) >>> 0;
  try {
    const old = Object.keys(localStorage).filter((key) => key.startsWith(KEPT) && key !== KEPT + name);
    for (const key of old.slice(0, -20)) localStorage.removeItem(key);
    localStorage.setItem(KEPT + name, memo);
  } catch { /* a browser that keeps nothing: the address then opens the example, and says so */ }
  return name;
}

export const MISSING = "";
// What this browser has kept under the name that the address carries; null where it carries none.
export function kept() {
  const name = new URLSearchParams(location.search).get("kept");
  try {
    return name && (localStorage.getItem(KEPT + name) ?? MISSING);
  } catch {
    return MISSING;
  }
}
