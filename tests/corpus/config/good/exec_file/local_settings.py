workers = 5
threads = 3
