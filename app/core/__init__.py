"""What every layer may use: configuration, database, errors, security, logging."""
