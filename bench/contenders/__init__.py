"""Small honest programs that do the work of five of the service's routes, each in the manner of its peers."""
