"""A browser's name for its owner: enough to recognise the own devices, no more."""

from __future__ import annotations

_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(agent: str) -> str:
    """``Chrome · Windows`` of a User-Agent header; empty where neither is known."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return " · ".join(part for part in (browser, system) if part)
