"""Faults put into a copy of the project, one at a time: the tests that should notice must fail."""
