"""Typical wrong answers to the exercises, and part of what the diagnosis of each must say."""

import pytest


def wrong(name, part, answer):
    """An answer to the exercise of this name, and part of what its diagnosis must say."""
    return pytest.param(name, part, answer, id=f"{name}: {part}")
