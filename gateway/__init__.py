"""The home box: reads devices over Bluetooth and hands readings to the hub. Knows no patient."""
