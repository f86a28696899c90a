"""What travels between a dossier and others: sales that leave, flows that a platform brings.

Open ``transmitting`` first (out), then ``synchronising`` (in). ``transferring`` hands a sale to a
dossier of this installation, without any platform.
"""
