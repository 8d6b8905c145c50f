"""The simulated instruments: one file each, whose frames come out of the same codecs that read real ones."""
