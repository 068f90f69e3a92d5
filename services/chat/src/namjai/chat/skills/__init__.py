"""What Namjai can do in a conversation, one folder a skill; `table.py` lists them, `skill.py` says what one is."""
