"""What the digest is made of."""
