"""Old name, until the course has the new one."""

from thirteen.style import *  # noqa: F403
