"""Hugging Face daily papers with their upvotes."""
