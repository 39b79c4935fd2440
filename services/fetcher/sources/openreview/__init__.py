"""openreview."""
