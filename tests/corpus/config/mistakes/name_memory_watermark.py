# expect: GCF101 3:1 warning
workers = 2
memory_watermark = 200
