"""The tools of `paperwire mcp`, by which agents read and subscribe. They import `shared` only, and ask the API."""
