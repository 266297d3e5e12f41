"""Arrays in, arrays out: one iteration of a network, every quantity kept.

Read in this order: beyond, formula, activations, losses, network, forward, backward, update, steps, gradcheck; and, beside them,
limits, findings, examined: what a function hides on a range.
"""
