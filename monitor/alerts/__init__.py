"""Sending messages: one module a channel, each with ``send``; the outbox; and the process that sends.

Channels and their libraries are imported in the notifier's process alone, which may hang or die
without harm to the engine.
"""
