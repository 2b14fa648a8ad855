# expect: GCF403 2 warning
async def when_ready(server):
    server.log.info("ready")
