"""What arrives becomes documents: a mail, an upload, a printed message, a fetched mailbox.

The bytes are kept before anything is read. A document's identifier derives from what brought it
(the mail's Message-ID and the attachment's hash, or the upload's own identifier), so the same mail
delivered or polled twice makes one document, without any other memory (D53). What came before,
under another name (``doubles``) or by another road (``roads``), is found here too.

Open ``arrivals`` first: whatever the road, a new document begins there.
"""
