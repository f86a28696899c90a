"""The web door: pages, API and, in the cloud, static files. Routes only; decides nothing."""

from chalice import Chalice
from facteur import bootstrap
from facteur.web import routes

app = Chalice(app_name="facteur-web")
routes.register(app, bootstrap.web)
