"""Recorded responses in Textract's own shape."""
