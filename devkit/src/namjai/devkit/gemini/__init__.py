"""Gemini, played on loopback: the SDK's real wire format, answers that repeat, faults on demand."""

from namjai.devkit.gemini.app import FakeGemini, GeminiSettings, serve_gemini
from namjai.devkit.gemini.faults import Fault
from namjai.devkit.gemini.script import Line

__all__ = ["FakeGemini", "Fault", "GeminiSettings", "Line", "serve_gemini"]
