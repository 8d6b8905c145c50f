"""`python -m hub` is `hearthward`: the ward starts its processes so, whatever the PATH."""

from hub.cli import main

main()
