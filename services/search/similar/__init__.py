"""Papers that are like others: the sum of their likenesses, and the facets of abstracts. It imports `ranking`."""
