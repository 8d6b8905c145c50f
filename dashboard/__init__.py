"""What nurses, patients and programs see: one ASGI process."""
