# expect: GCF218 2:18 error  # pending: logconfig_dict
logconfig_dict = {
    "version": 1,
    "handlers": {"out": {"class": "logging.NoSuchHandler"}},
}
