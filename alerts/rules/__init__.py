"""What each kind of rule finds in a patient's readings. Pure."""
