"""One module a page, each with a handler `show`. They import the other modules of the room `web` except the routes."""
