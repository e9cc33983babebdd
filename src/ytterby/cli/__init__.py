"""The command line: a thin face. It reads, calls, prints; no physics, no arithmetic."""

from ytterby.cli.app import main as main
