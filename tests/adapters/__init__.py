"""The adapters, against the embedded AWS or with fakes passed in."""
