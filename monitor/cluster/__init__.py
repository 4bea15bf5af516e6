"""Shared work on NATS JetStream: agents check from several locations, daemons combine their results.

The only room that imports nats. A schedule is a stored message that the server repeats when an endpoint
is due at a location; the agents of a location share one durable consumer of these; results are a stream
that every daemon reads. Nothing that arrives is trusted: see :mod:`monitor.cluster.protocol`.
"""
