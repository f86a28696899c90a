"""What ``facteur --help`` says: enough to need no manual beside it.

The keys of ``read --json`` are those of domain/public.py; a test looks for each of them here.
"""

CODES = """\
exit codes:
  0  all well
  1  read, but something is wrong: the answer says what
  2  wrong usage
  3  the file cannot be read
  4  the official rules could not run: nothing is called valid
  141  nobody read the answer to its end (… | head)
"""

EXAMPLES = """\
examples:
  facteur read facture.pdf                what the page says, and how sure that is
  facteur read facture.pdf --json | jq .total_incl_vat
  facteur validate facture.xml            the official rules, in process
  facteur convert scan.jpg -o facture.pdf a Factur-X; the original is left as it is
  facteur verify archive.zip              an exported archive, or an exit kit, hash by hash
"facteur COMMAND --help" says what a command takes and what its JSON holds.
"""

READ = """\
What is taken: Factur-X and ZUGFeRD (1.0 too), CII and UBL XML (XRechnung and Peppol too), PDF
with a text layer, scans and photos (JPEG, PNG, HEIC, TIFF), up to 50 MB. What the file is comes
from its bytes, never from its name. Structured data are read first; else the page's text; else
the words that OCR finds, at most 50 pages of them: the rest is said.

A file whose pages look like several invoices is said to be one (exit code 1, fault file.several):
none of its values is sure. Cut it, or say --whole when it is one invoice.

JSON: number, issue_date, due_date, type (invoice, credit_note), seller_name, seller_siren,
seller_siret, seller_vat, buyer_name, currency, total_excl_vat, total_vat, total_incl_vat,
amount_due, iban; vat_breakdown: [{rate, base, tax}]; lines: [{description, quantity, unit_price,
total}]. Amounts are text ("1245.30"), dates ISO 8601; what was not read is absent.
  fields   every field again: value, confidence (0 to 1), sure (false: look at it), provenance
           (origin xml, text or ocr; path in the XML, or page and box: left, top, right, bottom
           as shares of the page)
  kind     what the document is; faults: [{code, path, severity, sentence, values}]
  error    instead of all that, when the file cannot be read: {code, message, values}
"""

VALIDATE = """\
What is taken: CII or UBL XML, or a PDF that carries one. Three judges: the container of a
Factur-X, the official rules (XSD, schematron of the profile, BR-FR where seller and buyer are in
France), and ours where the official ones are blind.

JSON: verdict
    accept       conforme
    warn         acceptable, with reservations
    reject       a finding blocks, or the file is no readable invoice (exit code 1)
    unverified   nothing blocks, but the official rules could not run (exit code 4)
  A file of more than 50 MB is not opened: error instead of a verdict (exit code 3).
  rules      the official rules that are broken, by name (BR-CO-15, BR-FR-03_BT-2)
  findings   [{code, path, severity (blocking, warning), source, sentence, values}]; source tells
             the official findings from ours ("facteur")
  versions   of the rule files that ran
"""

CONVERT = """\
What is taken: whatever "facteur read" takes. A PDF keeps its pages as they are drawn, an XML
invoice gets a page of ours; the XML is embedded as factur-x.xml in a PDF/A-3b. The issuer's
totals are adopted to the cent; nothing that the document lacks is invented: when too little could
be read, nothing is written and the faults say what is missing. A sound Factur-X is written as it
came. Of a file whose pages look like several invoices nothing is written either, unless --whole
says that it is one.

JSON: written, output, profile (EN 16931 where lines are known, BASIC WL where only totals are),
  road (how the PDF/A was reached), pdfa (false: « non conforme PDF/A »), verdict (valid, invalid,
  unverified) of the profile's rules, reform of BR-FR, versions of the rule files, faults.
"""

VERIFY = """\
What is taken: an archive downloaded from Facteur or an exit kit, as a ZIP or unpacked. Offline:
every file against the hash in its evidence, the chain of the history, and the XML inside each
Factur-X read by a second library. Files that no evidence names are told too. An exit kit lists its
documents; an archive is the documents that somebody chose: nothing says how many there were.

JSON: a list, one item per document: document, intact, checked (files), altered, missing, added
(names), evidence_sha256, history_broken_at, facturx, problem.
"""

IMPORT = """\
What is taken: a part of an exit kit, as the page « Reprendre un dossier » takes it. The platform
is the one that the environment names (FACTEUR_TABLE and the others of docs/operate.md).
"""
