"""Deliveries: which one is due, who sends it, what an attempt leads to, and what the log says afterwards.

It may import `access`, `matching`, `secrets` and `subscription`.
"""
