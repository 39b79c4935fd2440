"""The JSON API, the feeds, and the reader that pages share with them. It imports `for_you`, `ranking` and `query`."""
