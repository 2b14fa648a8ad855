# case: a star import that is limited by __all__, in the middle of the file
workers = 1
from shared import *  #: workers, threads

proc_name = "star"  #: proc_name
