"""The sources: each a pure parser (bytes in, items out) and a small driver that brings the bytes."""
