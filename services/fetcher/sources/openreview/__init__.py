"""OpenReview: the submissions of venues, after a login."""
