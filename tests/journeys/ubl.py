"""An invoice as UBL 2.1, for tests: the examples' own writer."""

from facteur.local.demo.ubl import write_ubl

__all__ = ["write_ubl"]
