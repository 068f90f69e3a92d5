"""What Namjai can talk about: one folder a skill."""
