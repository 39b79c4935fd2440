"""The search service: reads the `papers` collection and answers as a JSON API, as feeds and as web pages.

Its rooms depend downwards: web, api, ranking, query. It writes nothing.
"""
