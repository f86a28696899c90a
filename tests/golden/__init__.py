"""Golden files: what our code must read and write, byte for byte."""
