# expect: GCF003 3 error
workers = 2
proc_name = 'Jürgen'
