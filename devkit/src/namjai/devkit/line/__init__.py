"""The LINE platform, simulated as strictly as it is documented, with phones in the browser."""

from namjai.devkit.line.app import Simulator, serve_simulator
from namjai.devkit.line.settings import SimSettings
from namjai.devkit.line.webhook import build_webhook, sign

__all__ = ["SimSettings", "Simulator", "build_webhook", "serve_simulator", "sign"]
