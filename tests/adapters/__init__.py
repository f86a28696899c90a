"""Tests of the adapters: each against the real thing, or a fake that answers in its shape."""
