"""The commands, one module each (or one group each): their options, and what they print.

May import the rooms `transfer` and `instance`, and what the services offer; never `up`.
"""
