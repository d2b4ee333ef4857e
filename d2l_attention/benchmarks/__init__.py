"""Measurements that are not tests: `make bench` and `make bench-live`."""
