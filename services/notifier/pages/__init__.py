"""The pages for readers: signed links, the subscribe form, a reader's own subscriptions, the outbox.

May import every room of the notifier but `api` and `bootstrap`.
"""
