"""Importing subscriptions from files: an export of Paperwire, BibTeX or OPML. May import `instance`."""
