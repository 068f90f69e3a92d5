"""Writes who may do what in NATS as configuration of the server; with `--check` it only compares.

The permissions are those of `namjai.runtime.provision.ACCOUNTS`, the same that the tests and `make run` are held to.
Passwords are not in the file: each is a variable of the server's environment.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from namjai.runtime.provision import ACCOUNTS, Permissions

FILE: Final = Path(__file__).with_name("users.conf")
ADMIN: Final = Permissions(publish=(">",), subscribe=(">",))
HEAD: Final = "# Written by users.py from namjai.runtime.provision.ACCOUNTS; change them there.\n"


def users() -> str:
    """The file: one user a service, and an administrator for provisioning and for people."""
    everybody = {"admin": ADMIN, **ACCOUNTS}
    return f"{HEAD}authorization {{\n  users = [\n{''.join(_user(*each) for each in everybody.items())}  ]\n}}\n"


def _user(name: str, may: Permissions) -> str:
    return (
        f"    {{\n      user: {name}\n      password: ${name.upper()}_PASSWORD\n"
        f"      permissions {{\n        publish = {_list(may.publish)}\n        subscribe = {_list(may.subscribe)}\n"
        "      }\n    }\n"
    )


def _list(subjects: tuple[str, ...]) -> str:
    lines = "".join(f"          {json.dumps(subject)}\n" for subject in subjects)
    return f"[\n{lines}        ]"


def main() -> int:
    """Exit code 0: the file is as it should be; 1 (`--check`): it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="Write nothing; fail when the file is out of date.")
    if not parser.parse_args().check:
        FILE.write_text(users(), encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != users():
        print(f"{FILE} is out of date: run {Path(__file__).name}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
