"""How often values were right, by the grade of their evidence: counted, never typed.

Made by ``python -m benchmarks.calibration --write``: 38374 values read from 2400 invoices
of our own making (seeds 1000 to 1199), a half of them as drawn, the others with rows that
mislead, words renamed or gone; "ocr" ones misread as an engine does (benchmarks/perturbing.py).
Each step is (least grade, share of right values); trust.py says what the groups and grades are.
The corpus, the seeds under 1000 and the situations held out check it (tests/corpus).
"""

STEPS: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {
    "text": {
        "type": ((0.4, 0.999),),
        "reference": (
            (0.12, 0.0),
            (0.32, 0.999),
        ),
        "day": (
            (0.3, 0.0),
            (0.34, 0.4),
            (0.48, 0.959),
            (0.86, 0.971),
            (0.92, 0.999),
        ),
        "name": (
            (0.48, 0.182),
            (0.6, 0.4),
            (0.78, 0.953),
            (0.86, 0.987),
            (0.96, 0.998),
        ),
        "place": (
            (0.78, 0.97),
            (0.9, 0.998),
        ),
        "company": (
            (0.7, 0.943),
            (0.94, 0.999),
        ),
        "currency": ((0.7, 0.996),),
        "total": (
            (0.42, 0.571),
            (0.64, 0.729),
            (0.98, 0.999),
        ),
        "due": (
            (0.42, 0.296),
            (0.6, 0.935),
            (0.9, 0.997),
            (0.96, 0.999),
        ),
        "breakdown": (
            (0.84, 0.821),
            (0.92, 0.999),
        ),
        "lines": (
            (0.38, 0.0),
            (0.52, 0.072),
            (0.8, 0.928),
            (0.98, 0.999),
        ),
        "account": ((0.96, 0.999),),
        "words": ((0.82, 0.979),),
    },
    "ocr": {
        "type": ((0.38, 0.999),),
        "reference": (
            (0.16, 0.0),
            (0.3, 0.928),
            (0.88, 0.941),
            (0.94, 0.986),
            (0.96, 0.992),
            (0.98, 0.995),
        ),
        "day": (
            (0.28, 0.0),
            (0.34, 0.4),
            (0.46, 0.937),
            (0.86, 0.944),
            (0.9, 0.947),
            (0.92, 0.994),
            (0.94, 0.997),
            (0.96, 0.999),
        ),
        "name": (
            (0.44, 0.154),
            (0.56, 0.667),
            (0.72, 0.759),
            (0.74, 0.854),
            (0.8, 0.895),
            (0.86, 0.958),
            (0.94, 0.99),
            (0.98, 0.998),
        ),
        "place": (
            (0.76, 0.906),
            (0.88, 0.997),
        ),
        "company": (
            (0.46, 0.0),
            (0.7, 0.462),
            (0.72, 0.887),
            (0.92, 0.988),
            (0.96, 0.999),
        ),
        "currency": ((0.68, 0.996),),
        "total": (
            (0.42, 0.545),
            (0.62, 0.571),
            (0.68, 0.778),
            (0.98, 0.998),
        ),
        "due": (
            (0.42, 0.387),
            (0.58, 0.615),
            (0.84, 0.912),
            (0.88, 0.995),
            (0.96, 0.998),
        ),
        "breakdown": (
            (0.84, 0.821),
            (0.92, 0.997),
        ),
        "lines": (
            (0.36, 0.0),
            (0.52, 0.176),
            (0.78, 0.945),
            (0.96, 0.99),
        ),
        "account": (
            (0.56, 0.0),
            (0.92, 0.999),
        ),
        "words": (
            (0.76, 0.0),
            (0.8, 0.956),
            (0.88, 0.986),
        ),
    },
}
