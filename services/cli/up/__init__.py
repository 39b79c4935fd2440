"""`paperwire up` and `paperwire run`: starts the services, in one process or as supervised processes.

May import every other room.
"""
