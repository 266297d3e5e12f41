"""Worksheet: what can a class compute on paper, and what are the answers?"""

from backprop.ui.worksheet import worksheet

worksheet()
