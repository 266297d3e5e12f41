"""Equations and words for any number of a trace, made by SymPy from the engine's rows.

Read in this order: numerals, symbols, terms, derivation, words, readings, typeset, vectors, inline, matrices.
"""
