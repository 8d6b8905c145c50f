"""How a process reads the clock, logs, and stops. Knows no patient."""
