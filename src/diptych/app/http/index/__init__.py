"""The HTTP server of an index: GraphQL, SQL, subscriptions, metrics, health, a page."""
