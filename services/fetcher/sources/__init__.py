"""The sources, one file or folder each: a pure parser (bytes in, items out) and a driver that reads its answers.

`registry` has one row for each type. May import `http` and `ledger`; sources import each other only as the layers
contract in pyproject.toml allows.
"""
