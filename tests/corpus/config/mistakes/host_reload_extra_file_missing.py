# expect: GCF510 2:22 error
reload_extra_files = ["/nope/template.html"]
