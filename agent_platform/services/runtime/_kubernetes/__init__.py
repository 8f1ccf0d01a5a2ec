"""What the Kubernetes driver is made of: objects and diagnosis are pure, one class speaks to the API server."""
