# expect: id=setting_without_effect 2:17 warning  # pending: rules between settings; statsd
statsd_prefix = "shop"
