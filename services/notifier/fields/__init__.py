"""Types of the fields that clients send: texts, addresses, mailboxes and secrets. Imports `shared` only."""
