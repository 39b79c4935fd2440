"""Mail: how a message is composed, and how it is handed to a mail server or kept in the outbox.

May import `matching`, `secrets`, `subscription`, `channels` and `fields`.
"""
