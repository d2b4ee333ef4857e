"""Make the book a site: pages to read anywhere, whose live figures need no kernel."""
