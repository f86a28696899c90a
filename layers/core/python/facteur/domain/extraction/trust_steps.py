"""How often values were right, by the grade of their evidence: counted, never typed.

Made by ``python -m benchmarks.calibration --write``: 46150 values read from 2880 invoices
of our own making (seeds 1000 to 1239), a half of them as drawn, the others with rows that
mislead, words renamed or gone; "ocr" ones misread as an engine does (benchmarks/perturbing.py).
Each step is (least grade, share of right values); trust.py says what the groups and grades are.
The corpus, the seeds under 1000 and the situations held out check it (tests/corpus).
"""

STEPS: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {
    "text": {
        "type": ((0.4, 1.0),),
        "reference": (
            (0.12, 0.0),
            (0.32, 1.0),
        ),
        "day": (
            (0.3, 0.0),
            (0.34, 0.4),
            (0.48, 0.965),
            (0.86, 0.971),
            (0.92, 1.0),
        ),
        "name": (
            (0.48, 0.154),
            (0.6, 0.571),
            (0.78, 0.954),
            (0.86, 0.989),
            (0.96, 0.997),
        ),
        "place": (
            (0.78, 0.97),
            (0.9, 0.998),
        ),
        "company": (
            (0.56, 0.959),
            (0.94, 1.0),
        ),
        "currency": ((0.7, 0.996),),
        "total": (
            (0.42, 0.571),
            (0.64, 0.783),
            (0.98, 1.0),
        ),
        "due": (
            (0.42, 0.303),
            (0.6, 0.792),
            (0.9, 0.998),
            (0.96, 0.999),
        ),
        "breakdown": (
            (0.84, 0.842),
            (0.92, 1.0),
        ),
        "lines": (
            (0.38, 0.0),
            (0.52, 0.076),
            (0.8, 0.931),
            (0.98, 0.999),
        ),
        "account": ((0.96, 0.999),),
        "words": ((0.82, 0.98),),
    },
    "ocr": {
        "type": ((0.38, 1.0),),
        "reference": (
            (0.16, 0.0),
            (0.3, 0.873),
            (0.8, 0.943),
            (0.94, 0.982),
            (0.96, 0.988),
            (0.98, 0.996),
        ),
        "day": (
            (0.28, 0.0),
            (0.34, 0.4),
            (0.46, 0.936),
            (0.86, 0.945),
            (0.88, 0.948),
            (0.9, 0.957),
            (0.92, 0.995),
            (0.94, 0.997),
            (0.96, 0.999),
        ),
        "name": (
            (0.44, 0.133),
            (0.56, 0.727),
            (0.72, 0.811),
            (0.74, 0.857),
            (0.8, 0.901),
            (0.86, 0.959),
            (0.94, 0.986),
            (0.98, 0.999),
        ),
        "place": (
            (0.76, 0.903),
            (0.88, 0.994),
        ),
        "company": (
            (0.46, 0.0),
            (0.7, 0.473),
            (0.72, 0.909),
            (0.92, 0.99),
            (0.96, 1.0),
        ),
        "currency": ((0.68, 0.996),),
        "total": (
            (0.36, 0.667),
            (0.68, 0.794),
            (0.98, 0.998),
        ),
        "due": (
            (0.42, 0.378),
            (0.58, 0.615),
            (0.84, 0.822),
            (0.88, 0.996),
            (0.96, 0.999),
        ),
        "breakdown": (
            (0.84, 0.829),
            (0.92, 0.998),
        ),
        "lines": (
            (0.36, 0.0),
            (0.52, 0.159),
            (0.78, 0.937),
            (0.96, 0.992),
        ),
        "account": (
            (0.56, 0.0),
            (0.92, 0.999),
        ),
        "words": (
            (0.76, 0.0),
            (0.8, 0.96),
            (0.88, 0.988),
        ),
    },
}
