"""How one attempt is made: an alert in the shape of its channel, posted or mailed. Imports the rooms below it.

May import `channels`, `subscription`, `secrets`, `delivery`, `mailing` and `alerts`.
"""
