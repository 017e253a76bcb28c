"""The verbs of the command line, one a file, by what they work on."""
