"""`paperwire reindex`: a new index beside the old, filled from the records. May import `instance`."""
