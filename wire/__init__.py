"""What both ends of the broker agree on: topics, messages, and one MQTT client."""
