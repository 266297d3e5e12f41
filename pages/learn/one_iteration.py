"""One iteration: what is computed next, from what, and what comes out?"""

from backprop.ui.panels import closer, download, stage
from backprop.ui.sidebar import sidebar

sidebar()
stage()
download()
closer()
