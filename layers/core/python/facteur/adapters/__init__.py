"""The bodies of the ports: each translates one part of the outside world, and decides nothing."""
