# expect: GCF205 2:13 error
proc_name = 8000
