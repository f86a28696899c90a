"""A file that a page has sent for its own use (a list, a mandate, a kit), until it takes it.

The browser sends it to the bucket of passing files by a presigned form, then lands on the page
again with the name that the file was given: bytes never go through a function of ours. A form is
made each time the page is shown; what nobody takes goes with the bucket's own expiry.
"""

from collections.abc import Callable
from dataclasses import dataclass

from facteur.domain.errors import NotFoundError
from facteur.ports import Context, UploadForm

#: The address of the page to come back to, for the name that a file was given.
Back = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the files of one page wait: whose they are, and their folder there."""

    owner: str  # a dossier, or what stands for a firm
    folder: str
    media_type: str
    most_bytes: int

    def key(self, name: str) -> str:
        """The key of a file in the bucket; NotFoundError for a name that we never made."""
        if not name.isalnum() or len(name) > 64:
            raise NotFoundError("not_found", file=name[:50])
        return f"exports/{self.owner}/{self.folder}/{name}"

    def form(self, context: Context, *, back: Back) -> UploadForm:
        """The presigned form for one file, after which the browser lands where ``back`` says."""
        name = context.ids.new()
        return context.blobs.upload_form(
            self.key(name),
            media_types=(self.media_type,),
            max_bytes=self.most_bytes,
            metadata={},
            now=context.clock.now(),
            redirect=back(name),
        )

    def data(self, name: str, context: Context) -> bytes:
        """The bytes of a file that was sent; NotFoundError for one that never was."""
        data, _metadata = context.blobs.intake(self.key(name))
        return data
