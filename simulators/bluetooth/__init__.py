"""Simulated Bluetooth: instruments on the air of one home, and BlueZ on a private D-Bus in front of them."""
