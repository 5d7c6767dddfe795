"""Business logic. A service is a class around a session; it raises domain errors and knows no HTTP."""
