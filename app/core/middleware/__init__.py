"""The layers around the routes, as plain ASGI: they see streams, cancellation and context as they are."""
