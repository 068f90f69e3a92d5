"""Pictures and sounds, made ready for those who read them: models on one side, LINE's apps on the other."""
