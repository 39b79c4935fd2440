"""OpenReview: the submissions of venues, after a login. Imports no other source."""
