"""The search service: stateless readers of the `papers` collection, as a JSON API and as pages."""
