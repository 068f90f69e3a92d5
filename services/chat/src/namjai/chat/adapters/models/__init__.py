"""Models behind chat's port: Gemini, any OpenAI-compatible endpoint, and the fence round either (ADR-9)."""
