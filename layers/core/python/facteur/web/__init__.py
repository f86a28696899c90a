"""The pages and the API: requests in, French pages or JSON out; decides nothing, stores nothing.

``routes.register`` gives a Chalice app every route. A view is a plain function from a Visit (who
asks, what was sent) to an Answer; ``site.page`` and ``site.api`` wrap it, so that session,
permission, CSRF token, security headers and errors are the same everywhere. Views call services
and services only: the web never touches storage.

Open ``site`` first, then ``visit``. ``pages`` and ``api`` hold the views, ``forms`` what people
type, ``showing`` the words and figures that pages show.
"""
