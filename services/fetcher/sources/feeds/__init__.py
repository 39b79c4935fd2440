"""Feeds: any RSS, Atom or JSON Feed, page by page. Imports no other source."""
