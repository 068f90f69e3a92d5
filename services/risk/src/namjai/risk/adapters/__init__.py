"""The outside things risk uses, one file each."""
