"""Changes of subscriptions: create, patch, delete, feedback, double opt-in.

May import every room below: `insight`, `alerts`, `delivery`, `matching`, `mailing`, `secrets`, `subscription`.
"""
