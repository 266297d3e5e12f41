"""Arrays in, arrays out: one iteration of a network, every quantity kept.

Read in this order: formula, activations, losses, network, forward, backward, update, steps, gradcheck.
"""
