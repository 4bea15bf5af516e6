"""The web address: metrics, the API, heartbeats and the status page, in a process of its own."""
