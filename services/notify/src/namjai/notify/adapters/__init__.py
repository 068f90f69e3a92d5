"""The outside things notify uses, one file each."""
