"""The HTTP server: routes, handlers, and answers in Qdrant's form. It imports the other rooms."""
