"""What the service answers to which request."""
