"""What the clinic says to its patients, in its own words, and when it looks at their readings."""
