"""What `paperwire doctor` checks: the data directory, the machine, what is reachable, and the settings that are on.

Imports the room of the instance, and no other.
"""
