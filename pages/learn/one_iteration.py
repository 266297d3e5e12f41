"""One iteration: what is computed next, from what, and what comes out?"""

from backprop.ui.panels import closer, equation, stage
from backprop.ui.sidebar import sidebar

sidebar()
stage()
equation()
closer()
