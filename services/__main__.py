"""`python -m services` is `paperwire`."""

from services.cli import main

main()
