"""What the gateway service decides: pure, without I/O, clock or ids."""
