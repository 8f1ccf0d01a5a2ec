"""What the sandbox host is made of; standard library only, so that the daemon starts at once and holds no secret."""
