# The pages' examples are tested; scripts of the build, and what it writes, are not.
collect_ignore_glob = ["*.py", "_*", "gallery", "reference"]
