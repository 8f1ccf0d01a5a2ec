"""What the auditor is made of."""
