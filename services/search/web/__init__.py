"""The pages: rendered here, complete without script, and without a request to any other host."""
