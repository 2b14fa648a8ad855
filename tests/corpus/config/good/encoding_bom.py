# case: a byte order mark before the first line
workers = 2  #: workers
proc_name = "große Läden"  #: proc_name
