"""The outside things chat uses, one file each."""
