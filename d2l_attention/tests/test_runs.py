"""Numbers of a training are written with the range in which many runs stayed."""

import pytest
import torch

from d2l_attention.runs import RANGES, bounded


def test_a_number_stands_with_its_range():
    assert bounded(one_vector=torch.tensor(0.04321)) == f"0.043 ({0} … {RANGES['one_vector'][1]})"
    assert bounded(disturbed=0.00201) == f"0.002 ({0} … {RANGES['disturbed'][1]})"
    assert bounded(additive=1) == f"1 ({RANGES['additive'][0]} … 1)"


def test_a_number_out_of_its_range_is_shown_as_it_is():
    assert bounded(additive=0.25).startswith("0.25 (")


def test_the_name_that_is_wrong_is_told():
    for wrong in ({}, {"loss": 1.0}, {"additive": 1.0, "dot_product": 1.0}):
        with pytest.raises(TypeError, match="additive, .*not " + (", ".join(wrong) or "nothing")):
            bounded(**wrong)


@pytest.mark.parametrize("name", RANGES)
def test_a_range_says_something(name):
    least, most = RANGES[name]
    assert 0 <= least < most <= 1 and most - least < 0.8
