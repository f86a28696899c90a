"""E-reporting (flux 10): what a company tells the State of sales that no e-invoice carries.

``calendar`` says which periods exist and when each is due; ``routes`` what an invoice is reported
as, if at all; ``blocks`` are the four blocks of the file; ``building`` makes a report out of the
invoices, the payments and the till totals of one period; ``filings`` is what becomes of a file,
``succession`` which of a period's files counts. All pure: services/ereporting loads and sends,
formats/flux10.py writes the file.

A company's file is handed over by its platform: only a platform may send it to the State.

Sources: specifications of the DGFiP v3.2 §2.3 and §3.7, annexes 6 (V1.10) and 7 (V1.9: the rules
named G…); XP Z12-014 annex A, cases 27 to 34 and 42 to 44. TT and TG numbers are annex 6's.
"""
