"""What programs call: our REST API, the services of the AFNOR standard, MCP for agents.

Open ``v1`` first, then ``calls``: one program's request, as a Visit is one browser's. What is
promised is in openapi.yaml, beside it.
"""
