"""State that processes share through Redis: quotas, leases and circuit breakers. It may import `shared.bus.scripts`."""
