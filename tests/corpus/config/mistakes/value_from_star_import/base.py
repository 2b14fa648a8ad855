preload_app = "on"
