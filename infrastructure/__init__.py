"""From this tree to the cloud: layers, packages, stacks, and their rehearsal on this machine.

    platform.yaml, alarms.yaml   the data plane and what wakes a human, by hand (CloudFormation)
    merge/*.json                 what Chalice cannot say about each function
    build_layers.py              lock files → Lambda layers, for the cloud or for this interpreter
    package.py                   functions/* → one template and one zip each
    stacks.py                    create or update a stack and wait; upload what it refers to
    deploy.py                    platform → layers → functions → alarms, in an AWS account
    rehearse.py                  the same on the embedded platform, then an invoice goes through
    browser.py, walk.py          the pages, as a visitor of the rehearsal uses them
    first_dossier.py             the first dossier and user of a fresh installation
    vouch.py                     the operator vouches for a dossier's SIREN

Nothing here runs in production.
"""
