"""Tests of reading, drawing and writing PDFs."""
