# expect: GCF101 4:1 warning
import multiprocessing

worker = multiprocessing.cpu_count()
