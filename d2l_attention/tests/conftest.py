from hypothesis import settings

# The same examples every time, so that what turns red is the change; no deadline, because the
# first call of a torch function is slow.
settings.register_profile("book", deadline=None, derandomize=True, database=None)
settings.load_profile("book")
