"""Worksheet: what can a class compute on paper, and what are the answers?"""

from backprop.ui.panels import address
from backprop.ui.worksheet import worksheet

address()
worksheet()
