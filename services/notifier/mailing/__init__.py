"""Mail: how a message is written, and how it leaves."""
