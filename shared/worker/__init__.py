"""Child processes that work for a service within limits of time, memory and calls. It imports nothing of ours."""
