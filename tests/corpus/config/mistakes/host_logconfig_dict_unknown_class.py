# expect: GCF218 2:18 error
logconfig_dict = {
    "version": 1,
    "handlers": {"out": {"class": "logging.NoSuchHandler"}},
}
