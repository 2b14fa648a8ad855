# expect: GCF204 2:15 error
preload_app = "yes"
