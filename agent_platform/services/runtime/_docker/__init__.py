"""What the docker driver is made of: objects and reading are pure, boxes are folders, one class speaks to the engine."""
