"""Sending messages: one module per channel, the outbox, and the notifier process.

Only the notifier process imports the channels and their libraries; it may hang or die without harm to the
engine.
"""
