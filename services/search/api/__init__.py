"""The JSON API, the feeds, and the reader that the web pages share with them. It imports `ranking` and `query`."""
