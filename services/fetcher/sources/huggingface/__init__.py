"""Hugging Face daily papers with their upvotes. Imports no other source."""
