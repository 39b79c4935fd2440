"""The indexer: owner of the `papers` collection; embeds works, writes them, and tells when they can be found."""
