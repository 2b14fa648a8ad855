# expect: GCF005 6:5 error
import sys

workers = 2
if "SECRET_KEY_OF_THE_CORPUS" not in __import__("os").environ:
    sys.exit("SECRET_KEY_OF_THE_CORPUS is not set")
