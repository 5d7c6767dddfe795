"""Sending webhooks: where to, when, how signed."""
