from gunicorn.workers.sync import SyncWorker


class PoliteWorker(SyncWorker):
    def handle_quit(self, sig, frame):
        self.log.info("goodbye from %s", self.pid)
        super().handle_quit(sig, frame)
