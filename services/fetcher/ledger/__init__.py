"""The ledger of announcement days, and the calendar that says which days have one. Imports no other room."""
