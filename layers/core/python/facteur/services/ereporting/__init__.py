"""E-reporting: what is told to the State of sales that no e-invoice carries, period after period.

Open ``periods`` first: what people see and move. Then the road of a file: ``building``,
``checking``, ``sending``, ``sealing``. Everything that decides is in domain/ereporting.
"""
