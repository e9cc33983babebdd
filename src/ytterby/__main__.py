"""``python -m ytterby`` is the command ``ytterby``."""

from ytterby.cli import main

main()
