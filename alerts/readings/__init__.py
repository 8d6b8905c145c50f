"""What readings amount to: judged, summed up by local day, and the trends over the days. Pure."""
