# expect: GCF208 2:14 error
header_map = "merge"
