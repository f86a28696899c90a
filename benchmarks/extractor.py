"""The extractor as score.py calls it: bytes in, public JSON out, the product's own road.

    python ../shared/corpus/score.py --extractor benchmarks.extractor:extract --mode text

Structured data first, else the text layer, else OCR, exactly as ``facteur read`` does.
"""

from functools import lru_cache

from facteur import bootstrap
from facteur.domain.public import public_json
from facteur.ports import Readers
from facteur.services import converting


@lru_cache(maxsize=1)
def _readers() -> Readers:
    """One PDF child and one OCR engine for a whole run."""
    return bootstrap.readers()


def extract(data: bytes, media_type: str, filename: str) -> dict[str, object]:
    """What was read from a document, with the keys that score.py documents."""
    del media_type, filename  # the bytes say what they are
    readers = _readers()
    material = converting.gather(data, readers)
    if material.scanned_pages:
        material = converting.recognise(material, readers)
    return public_json(converting.candidate_of(material, own=None, side="buyer"))
