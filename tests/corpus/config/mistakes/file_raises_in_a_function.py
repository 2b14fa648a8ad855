# expect: GCF004 3:10 error
def cores():
    with open("/nope/cpu.max") as stream:
        return int(stream.read())


workers = cores()
