// Functions: which are shown, points that are dragged on their curves, formulas that are typed.
import { exploring } from "./explore.js";
import { component } from "./wishes.js";

export default component((root) => exploring(root));
