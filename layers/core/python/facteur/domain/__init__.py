"""What Facteur knows and decides: pure values and functions, standard library and stdnum only."""
