"""The whole house in one process, for development and tests, and the command `facteur`.

Nothing here is deployed. The real doors (functions/*/app.py) run unchanged on an embedded AWS:
`emulator` is that AWS, `provision` creates the resources of infrastructure/platform.yaml on it,
`pump` delivers the queues and the clock, `smtp` plays SES receiving, `gateway` serves HTTP, and
`__main__` supervises them (`python -m facteur.local run`).
"""
