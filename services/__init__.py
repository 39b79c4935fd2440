"""The independent services of Paperwire; they meet only in Redis streams and in Qdrant collections."""
