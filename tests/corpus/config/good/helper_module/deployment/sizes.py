SIZES = {"small": 2, "large": 12}


def workers_for(size):
    return SIZES[size]
