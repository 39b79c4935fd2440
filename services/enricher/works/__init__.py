"""Works: their identity, how sightings merge into them, what changed, how they trend, and their records in Redis.

May import text.
"""
