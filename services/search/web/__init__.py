"""The web pages. It imports the other rooms of search, and no other room imports it."""
