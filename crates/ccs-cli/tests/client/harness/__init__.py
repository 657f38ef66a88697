"""Runs scenarios of the real Claude Code client against an installed ccs."""
