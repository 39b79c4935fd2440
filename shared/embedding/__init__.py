"""The embedding model, its sparse companion and the offline model. It may import errors and telemetry."""
