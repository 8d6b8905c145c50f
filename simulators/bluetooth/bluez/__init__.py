"""The `org.bluez` service of a simulated home, as bluetoothd offers it: one file per D-Bus interface."""
