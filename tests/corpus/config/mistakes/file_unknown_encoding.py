# expect: GCF003 - error
# -*- coding: no-such-encoding -*-
workers = 2
