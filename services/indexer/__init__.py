"""The indexer: owns the `papers` collection, embeds works, writes them, and publishes that they can be found."""
