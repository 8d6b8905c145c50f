"""The one command, and `up`, which runs a whole ward on one machine."""
