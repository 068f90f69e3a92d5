"""What the chat service decides: pure, without I/O, clock or ids."""
