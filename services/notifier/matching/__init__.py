"""Which papers match which subscriptions, and the body of the alert that a match leads to.

It may import `secrets` and `subscription`.
"""
