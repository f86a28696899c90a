"""How often values were right, by the grade of their evidence: counted, never typed.

Made by ``python -m benchmarks.calibration --write``: 11524 values read from 720 invoices
of our own making (seeds 1000 to 1059), a half of them as drawn, the others with rows that
mislead, words renamed or gone; "ocr" ones misread as an engine does (benchmarks/perturbing.py).
Each step is (least grade, share of right values); trust.py says what the groups and grades are.
The corpus, the seeds under 1000 and the situations held out check it (tests/corpus).
"""

STEPS: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {
    "text": {
        "type": ((0.4, 0.999),),
        "reference": ((0.32, 0.999),),
        "day": (
            (0.38, 0.0),
            (0.48, 0.944),
            (0.84, 0.973),
            (0.92, 0.976),
            (0.96, 0.998),
        ),
        "name": (
            (0.78, 0.938),
            (0.84, 0.992),
            (0.92, 0.997),
        ),
        "place": (
            (0.78, 0.951),
            (0.88, 0.969),
            (0.9, 0.996),
        ),
        "company": ((0.72, 0.999),),
        "currency": ((0.8, 0.996),),
        "total": (
            (0.64, 0.788),
            (0.98, 0.994),
        ),
        "due": (
            (0.5, 0.0),
            (0.78, 0.667),
            (0.94, 0.986),
            (0.96, 0.997),
        ),
        "breakdown": (
            (0.78, 0.727),
            (0.92, 0.998),
        ),
        "lines": (
            (0.5, 0.0),
            (0.52, 0.19),
            (0.78, 0.916),
            (0.98, 0.998),
        ),
        "account": ((0.96, 0.996),),
        "words": ((0.82, 0.983),),
    },
    "ocr": {
        "type": ((0.38, 0.999),),
        "reference": (
            (0.22, 0.0),
            (0.3, 0.919),
            (0.94, 0.938),
            (0.96, 0.976),
            (0.98, 0.994),
        ),
        "day": (
            (0.38, 0.0),
            (0.48, 0.948),
            (0.92, 0.979),
            (0.94, 0.983),
            (0.96, 0.997),
        ),
        "name": (
            (0.72, 0.781),
            (0.8, 0.955),
            (0.92, 0.974),
            (0.94, 0.974),
            (0.96, 0.995),
        ),
        "place": (
            (0.74, 0.882),
            (0.88, 0.991),
        ),
        "company": (
            (0.48, 0.0),
            (0.7, 0.533),
            (0.72, 0.932),
            (0.94, 0.983),
            (0.96, 0.999),
        ),
        "currency": ((0.8, 0.996),),
        "total": (
            (0.58, 0.4),
            (0.62, 0.759),
            (0.78, 0.806),
            (0.98, 0.987),
        ),
        "due": (
            (0.48, 0.0),
            (0.58, 0.444),
            (0.78, 0.815),
            (0.88, 0.981),
            (0.96, 0.994),
        ),
        "breakdown": (
            (0.78, 0.828),
            (0.92, 0.998),
        ),
        "lines": (
            (0.36, 0.0),
            (0.52, 0.286),
            (0.78, 0.977),
            (0.96, 0.986),
        ),
        "account": (
            (0.56, 0.0),
            (0.92, 0.996),
        ),
        "words": ((0.78, 0.982),),
    },
}
