"""Equations and words for any number of a trace, made by SymPy from the engine's rows.

Read in this order: numerals, conventions, symbols, terms, factors, derivation, words, readings, typeset, vectors. What is told of
one followed number stands on these: paths, chain, obstacles, zeros; matrices, inline; graph, excerpt, operations.
"""
