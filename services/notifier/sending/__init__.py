"""One attempt: an alert in the form of its channel, posted or mailed.

May import `channels`, `subscription`, `secrets`, `delivery`, `mailing` and `alerts`.
"""
