"""The `namjai` command, one file for each group of commands."""
