"""The enricher: many sightings of one work become one paper, cleaned and with what is found in its text."""
