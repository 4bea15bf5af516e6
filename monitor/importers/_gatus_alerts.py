"""Convert Gatus's alerts, named by endpoints and configured in ``alerting``, to ``[[alerts]]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.importers._draft import Block, Draft, keep_pace
from monitor.importers._fields import Fields, Note
from monitor.importers._services import SERVICES
from monitor.syntax.duration import format_duration

_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "slack": {"url": "webhook-url"},
    "discord": {"url": "webhook-url"},
    "mattermost": {"url": "webhook-url"},
    "rocketchat": {"url": "webhook-url"},
    "teams": {"url": "webhook-url"},
    "googlechat": {"url": "webhook-url"},
    "telegram": {"token": "token", "chat": "id", "topic": "topic-id"},
    "email": {
        "host": "host",
        "port": "port",
        "user": "username",
        "password": "password",
        "from": "from",
        "to": "to",
    },
    "pagerduty": {"key": "integration-key"},
    "ntfy": {"server": "url", "topic": "topic", "token": "token", "priority": "priority"},
    "gotify": {"server": "server-url", "token": "token"},
    "opsgenie": {"key": "api-key"},
    "pushover": {"user": "user-key", "token": "application-token"},
    "matrix": {"server": "server-url", "token": "access-token", "room": "internal-room-id"},
    "twilio": {"sid": "sid", "token": "token", "from": "from", "to": "to"},
    "webhook": {"url": "url"},
}
"""Service -> our names of its settings -> Gatus's."""
_SERVICE = {"custom": "webhook", "teams-workflows": "teams"}
"""Gatus's name -> ours, if they differ."""
_FAILURES, _SUCCESSES = 3, 2
Key = tuple[str, str, str, bool]


@dataclass
class Alerts:
    """The alerts of one config; equal ones are merged."""

    alerting: Fields
    draft: Draft
    _found: dict[Key, list[Block]] = field(default_factory=dict)
    """Type, group whose settings apply, reminder and whether recoveries are sent -> endpoints."""
    _providers: dict[str, Fields] = field(default_factory=dict)

    def take(self, own: Fields, block: Block) -> None:
        """Record the ``alerts`` of an endpoint; its thresholds become the endpoint's."""
        failures, successes = [], []
        for alert in own.tables("alerts"):
            kind = alert.text("type")
            usual = self._provider(kind).below("default-alert")
            said = Fields({**usual.all, **alert.all}, block.note, f"alerts.{kind}")
            said.skip("type")
            if not said.flag("enabled", True):
                said.note("enabled", "it was not enabled")
                continue
            failures.append(said.count("failure-threshold") or _FAILURES)
            successes.append(said.count("success-threshold") or _SUCCESSES)
            self._note(kind, said, block)
        if failures:
            block.keys |= {"down_after": max(1, min(failures)), "up_after": max(1, min(successes))}
            keep_pace(block)
        if len(set(failures)) > 1:
            text = (
                f"alerts had different ones ({', '.join(map(str, failures))}); an alert's `after` delays it"
            )
            block.note("failure-threshold", text)

    def _note(self, kind: str, said: Fields, block: Block) -> None:
        remind = said.seconds("minimum-reminder-interval")
        group = str(block.keys.get("group", ""))
        overridden = any(one.text("group") == group for one in self._provider(kind).tables("overrides"))
        key = (
            kind,
            group if overridden else "",
            format_duration(remind) if remind else "",
            said.flag("send-on-resolved"),
        )
        self._found.setdefault(key, []).append(block)
        said.lose("each message says what failed; a template is alerts.body", "description")
        said.lose("an alert of its own would be needed", "provider-override")
        said.leftovers()

    def _provider(self, kind: str) -> Fields:
        if kind not in self._providers:
            self._providers[kind] = self.alerting.below(kind)
        return self._providers[kind]

    def finish(self) -> None:
        """Write the alerts, and note the providers that no endpoint uses."""
        for (kind, group, remind, resolved), blocks in self._found.items():
            self._alert(kind, group, remind, resolved).about = blocks
        used = {(key[0], key[1]) for key in self._found}
        for kind in self.alerting.all:
            if kind not in {one for one, _ in used}:
                self.draft.top.note(f"alerting.{kind}", "no endpoint uses it")
                continue
            for override in self._provider(kind).tables("overrides"):
                if (kind, group := override.text("group")) not in used:
                    override.note("", f"no endpoint of the group {group!r} uses {kind}")

    def _alert(self, kind: str, group: str, remind: str, resolved: bool) -> Block:
        provider = self._provider(kind)
        name = f"{kind} {group}".strip()
        made = self.draft.alert(name, provider.line)
        given = Fields(self._settings(provider, group), made.note, f"alerting.{kind}")
        given.skip("default-alert", "overrides", "group")
        url = self._url(kind, given, name, made.note)
        made.keys["url"] = url or f"{kind}://"
        made.keys["on"] = ["down", "up"] if resolved else ["down"]
        if remind:
            made.keys["remind"] = remind
        if not url:
            made.refuse(_no_url(kind, given))
        given.leftovers()
        return made

    def _settings(self, provider: Fields, group: str) -> dict[str, object]:
        """The provider's settings, with its override for ``group`` applied."""
        for override in provider.tables("overrides"):
            if group and override.text("group") == group:
                return {**provider.all, **override.all}
        return dict(provider.all)

    def _url(self, kind: str, given: Fields, name: str, note: Note) -> str:
        service = _SERVICE.get(kind, kind)
        names = _SETTINGS.get(service, {})
        if kind == "custom":
            given.lose(
                "our webhook is a POST with a body of its own", "method", "body", "headers", "placeholders"
            )
        if not names:
            given.skip(*given.all)
            return ""
        found = {ours: given.text(theirs) for ours, theirs in names.items()}
        if service == "email" and found["port"] == "25":
            found["plain"] = "true"
        if kind == "custom" and "[" in found["url"]:
            note("url", "its placeholders are not filled in")
        return SERVICES[service](found, self.draft.secrets, name)


def _no_url(kind: str, given: Fields) -> str:
    if not given.all:
        return f"alerting.{kind} says nothing about where to send it"
    if kind in _SETTINGS or kind in _SERVICE:
        return f"alerting.{kind} lacks something that its Apprise URL needs"
    return f"write an Apprise URL for {kind} yourself (https://appriseit.com/services/)"
