"""The fetcher: polls sources within the limits of their hosts, and publishes the items that are new."""
