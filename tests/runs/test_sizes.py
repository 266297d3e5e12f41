"""How large an array is, against exact arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from backprop.runs.sizes import lengths, root_mean_squares


@given(st.lists(st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_root_of_the_sum_or_mean_of_squares(rows):
    for row, length, typical in zip(rows, lengths(np.array(rows)), root_mean_squares(np.array(rows)), strict=True):
        total = sum(Fraction(each) ** 2 for each in row)
        with mp.workdps(50):
            exact = mp.sqrt(mpf(total.numerator) / mpf(total.denominator))
            assert length == pytest.approx(float(exact), rel=1e-12, abs=1e-300)
            assert typical == pytest.approx(float(exact / mp.sqrt(3)), rel=1e-12, abs=1e-300)


def test_what_is_beyond_float64_stays_there():
    rows = np.array([[np.inf, 1.0], [np.nan, 1.0], [0.0, 0.0]])
    assert np.isinf(lengths(rows)[0]) and np.isnan(root_mean_squares(rows)[1]) and lengths(rows)[2] == 0
