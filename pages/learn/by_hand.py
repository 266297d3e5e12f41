"""By hand: can I do it myself, and if not, which slip did I make?"""

from backprop.ui.hand.page import by_hand
from backprop.ui.sidebar import sidebar

sidebar()
by_hand()
