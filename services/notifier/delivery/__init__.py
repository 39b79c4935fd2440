"""Deliveries: which one is due, who sends it, the result of an attempt, and the log of attempts.

It may import `access`, `matching`, `secrets` and `subscription`.
"""
