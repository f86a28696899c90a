"""What leaves a dossier in files, and comes back: accounting exports, the exit kit.

Open ``jobs`` first: every export is asked for and made there. ``kits`` writes a part of a kit;
``taking_kits``, ``examining_kits`` and ``importing`` take one in.
"""
