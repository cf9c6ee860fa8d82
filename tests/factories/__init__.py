"""Rows for tests, with values that are unique and a will of their own only where a test says so."""
