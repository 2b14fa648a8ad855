# expect: GCF004 2:1 error
import half_written

workers = half_written.WORKERS
