"""What the desk is made of."""
