"""What LINE accepts: its schema and its documented limits, as data, and the checks that read them."""

from namjai.devkit.line.check.refusal import refusal
from namjai.devkit.line.check.requests import BROADCAST, LOADING, MARK_AS_READ, MULTICAST, PUSH, REPLY, VALIDATE
from namjai.devkit.line.check.richmenu import ALIAS, ALIAS_TARGET, MENU, MENU_BATCH, MENU_LINKS, MENU_UNLINKS
from namjai.devkit.line.check.shape import Check, Kind, Problem, examine

__all__ = [
    "ALIAS",
    "ALIAS_TARGET",
    "BROADCAST",
    "LOADING",
    "MARK_AS_READ",
    "MENU",
    "MENU_BATCH",
    "MENU_LINKS",
    "MENU_UNLINKS",
    "MULTICAST",
    "PUSH",
    "REPLY",
    "VALIDATE",
    "Check",
    "Kind",
    "Problem",
    "examine",
    "refusal",
]
