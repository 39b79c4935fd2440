"""What a subscription is, how Redis keeps it, and the keys of what belongs to it.

It may import `fields`.
"""
