"""HTTP for all sources: the budgets of hosts, conditional requests, redirects and limits. Imports no other room."""
