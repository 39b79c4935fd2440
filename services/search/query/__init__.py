"""The query language, its filters, and how pages and dates are written. Pure: it imports `shared` and pydantic only."""
