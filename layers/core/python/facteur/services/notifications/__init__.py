"""What we write to people: digests of what waits for them, and every other mail of ours.

Open ``notifying`` first: who is told what, when. ``mails`` renders any mail and sends it;
``mailing`` remembers which addresses take none.
"""
