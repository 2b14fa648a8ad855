"""Reading a configuration file without running it. Private: the native core calls it, nobody else."""
