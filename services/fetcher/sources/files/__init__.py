"""Files: what `paperwire import` and watched folders read. May import `arxiv` and `feeds`, whose parsers read XML."""
