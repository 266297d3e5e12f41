"""Done once per server, on import: what the first visitor would otherwise wait for.

The equations of the first example are printed once, so that SymPy's printers and the caches of formulas are warm. Then what
lives as long as the process is moved out of the garbage collector's sight: with SymPy loaded, one full collection in the
middle of a rerun costs 0.2 s. And threads hand over less often: a rerun is a few milliseconds of work, and handing the
interpreter to and fro between it and the sender after each of its messages cost as much time again.
"""

import gc
import sys

from backprop.ui import explanation, side, transport
from backprop.ui.place import Place

_last = Place().moved({"stop": 10_000})
for _stop in range(_last.stop + 1):
    explanation.equation_tex(_last.moved({"stop": _stop}))
transport.rail_html(_last)
side.loss_html(_last, None)

gc.collect()
gc.freeze()
sys.setswitchinterval(0.02)
