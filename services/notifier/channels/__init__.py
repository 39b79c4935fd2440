"""The channels that alerts go to, one file and one row each. Imports `fields` and `shared` only; does no I/O."""
