"""`python -m funnelsim` is the command line."""

from funnelsim.faces.cli import main

if __name__ == "__main__":
    main()
