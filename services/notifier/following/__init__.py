"""Keeps liked papers in step with the places that subscriptions take them from, and asks who cites readers' papers.

It may import `subscribing`, and what `subscribing` may import.
"""
