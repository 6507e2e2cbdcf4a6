"""Sound to sound, at random; for training only."""
