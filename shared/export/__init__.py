"""Papers as files: citations for reference managers, and lines for an import. Pure."""
