"""Optional: a model that answers predictions. docs/predictions.md says how to change or remove it."""
