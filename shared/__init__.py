"""Contracts and mechanisms that several services use. It imports no service; import-linter holds its layers."""
