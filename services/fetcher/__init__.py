"""The fetcher: asks sources what is new, politely, and publishes the items they show."""
