# expect: GCF204 3 error
workers = 2
from base import *  # noqa
