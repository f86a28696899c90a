"""Domain → what a page shows: words, icons, badges, figures; nothing here answers a request.

Open ``present`` first: states, channels, verdicts, events. Words of faults, amounts and dates
are those of web/i18n.py.
"""
