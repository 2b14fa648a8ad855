# expect: GCF208 2:17 error
reload_engine = "watchman"
