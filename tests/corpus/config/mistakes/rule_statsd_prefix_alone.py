# expect: id=setting_without_effect 2:17 warning
statsd_prefix = "shop"
