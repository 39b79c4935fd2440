"""Keeps liked papers in step with the places that subscriptions take them from.

It may import `subscribing`, and what `subscribing` may import.
"""
