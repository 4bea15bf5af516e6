"""Decides which messages to send. Pure: events and moments in, messages out.

``subject`` holds the state of an endpoint; ``conditions`` decides which message an alert would send;
``message_scheduler`` applies one alert's times, digests and limit; ``alerting`` combines them.
"""
