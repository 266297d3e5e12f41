"""Worksheet: what can a class compute on paper, and what are the answers?"""

from backprop.ui.panels import follow
from backprop.ui.worksheet import worksheet

follow()
worksheet()
