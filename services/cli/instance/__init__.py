"""The instance that a command works on: finds the one that runs, or starts what the command needs; and asks its API.

Imports no other room of the command line.
"""
