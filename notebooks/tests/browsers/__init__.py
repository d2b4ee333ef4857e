"""The site in every browser that is at hand: `make browsers`, outside `make test`."""
