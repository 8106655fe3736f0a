"""No test of drawn examples fails because the machine is busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("blurprint", deadline=None)
settings.load_profile("blurprint")
