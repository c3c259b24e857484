"""A small, unchanging share of `make fuzz`."""

import pytest
from fuzz import TARGETS, tried


@pytest.mark.parametrize("name", list(TARGETS))
def test_texts_that_no_one_would_write(name):
    assert tried(name, 12 if name == "page" else 30) > 0
