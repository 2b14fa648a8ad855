# case: the file can be run by hand, to show what it decides
workers = 2  #: workers
timeout = 35  #: timeout

if __name__ == "__main__":
    import pprint

    summary = {"workers": workers, "timeout": timeout}
    workers = 99
    pprint.pprint(summary)
