"""bioRxiv and medRxiv: the preprints of a window of days. Imports no other source."""
