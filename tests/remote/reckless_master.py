"""Locust with a master that looks at no address before it has it loaded; its arguments are Locust's."""

from locust.main import main

from loket.load import options

if __name__ == "__main__":
    options.check_targets = lambda plan: None
    main()
