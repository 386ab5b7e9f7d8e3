"""`python -m dbtui.demo`."""

from dbtui.demo.process import main

if __name__ == "__main__":
    raise SystemExit(main())
