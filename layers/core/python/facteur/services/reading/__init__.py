"""A received file becomes an invoice that can be judged: read, converted, checked by the rules.

Open ``documents`` first: it runs the road (read, wait for OCR, convert); ``registering`` ends it,
where it is known whether the document goes to à accepter or to à contrôler.
"""
