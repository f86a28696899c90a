"""The pages: one module a screen, or a group of forms of one, named as the screen is.

Open ``document`` first: it has everything that the others have. A view is a function from a Visit
to an Answer; ``routes`` (a floor up) imports them all, which registers them.
"""
