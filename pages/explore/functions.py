"""Functions: what does an activation or a loss do to a slope?"""

from backprop.ui.functions.page import functions
from backprop.ui.sidebar import sidebar

sidebar()
functions()
