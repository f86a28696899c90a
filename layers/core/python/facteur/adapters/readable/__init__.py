"""The readable page of an invoice that came as data only (CII or UBL): drawn by us, and saying so.

``view.view_of`` turns the invoice into the texts of the page, all of them, in French; ``draw``
gives those to typst with the template beside it, in the PDF child process. The result is
PDF/A-3b, so that the XML can be embedded as in any supplier's page.
"""

MARK = "facteur-representation-lisible"  # in the PDF's keywords: how our own pages are known again
