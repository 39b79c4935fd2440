"""Told of what matters, once, and for sure: subscriptions, matching, signed deliveries."""
