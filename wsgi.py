"""The WSGI application that servers load: ``wsgi:app``."""

import config
import mobile_api
from app.factory import create_app

app = create_app(config.load(), mobile_api.init_app)
