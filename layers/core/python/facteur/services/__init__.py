"""Run one command: load the state, ask the domain to decide, commit, see to what follows."""
