"""Descent: what do learning rate, start and iterations do to the loss?"""

from backprop.ui.descent.page import descent
from backprop.ui.sidebar import sidebar

sidebar()
descent()
