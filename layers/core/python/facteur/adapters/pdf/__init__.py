"""PDFs: read, rendered and rewritten in a child process with memory and time limits.

``client.ChildPdf`` is the body of ports.Pdf; everything else here runs in its child (worker.py)
and meets hostile bytes: text.py (words with boxes), render.py (pages as images), embedded.py
(files inside), container.py (is this a proper Factur-X?), pdfa.py (PDF/A-3b), raster.py (the page
as an image, where nothing else passes), embed.py (the XML into the PDF).
"""
