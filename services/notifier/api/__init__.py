"""The JSON API of the notifier: routes and their models. May import every room but `pages` and `bootstrap`."""
