"""``python -m risk_engine`` is the command line."""

from risk_engine.cli import main

if __name__ == "__main__":
    main()
