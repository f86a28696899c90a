"""What arrives becomes documents: a mail, an upload. The bytes are kept before anything is read.

A document's identifier derives from what brought it (the mail's Message-ID and the attachment's
hash, or the upload's own identifier), so the same mail delivered or polled twice makes one
document, without any other memory (D53).
"""

from facteur.services.intake.arrivals import UNROUTED as UNROUTED
from facteur.services.intake.arrivals import is_known as is_known
from facteur.services.intake.arrivals import know as know
from facteur.services.intake.arrivals import new_document as new_document
from facteur.services.intake.arrivals import register as register
from facteur.services.intake.mails import FROM_BODY as FROM_BODY
from facteur.services.intake.mails import body_id as body_id
from facteur.services.intake.mails import knows as knows
from facteur.services.intake.mails import mail_name as mail_name
from facteur.services.intake.mails import mail_source as mail_source
from facteur.services.intake.mails import receive_mail as receive_mail
from facteur.services.intake.mails import recipients_in_headers as recipients_in_headers
from facteur.services.intake.mails import record_body as record_body
from facteur.services.intake.uploads import UPLOAD_TYPES as UPLOAD_TYPES
from facteur.services.intake.uploads import receive_upload as receive_upload
from facteur.services.intake.uploads import upload_form as upload_form
