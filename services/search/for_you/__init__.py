"""The papers that a reader's own reading recommends: what they liked and saved, and what they did not want."""
