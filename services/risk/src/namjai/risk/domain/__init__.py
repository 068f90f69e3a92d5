"""What the risk service decides: pure, without I/O, clock or ids."""
