"""Invoices for the tests of the XML formats: one that uses every business term we carry."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from facteur.domain.documents import EmbeddedFile
from facteur.domain.invoice import (
    Address,
    AllowanceCharge,
    Attachment,
    Contact,
    CreditTransfer,
    Delivery,
    Identifier,
    Invoice,
    ItemClass,
    Line,
    LineExtension,
    Note,
    Party,
    Payment,
    Period,
    PrecedingInvoice,
    Totals,
    VatBreakdown,
)

EN_16931 = "urn:cen.eu:en16931:2017"
FILES = (EmbeddedFile(filename="releve.csv", data=b"jour;heures\n1;7\n", media_type="text/csv"),)


def full_invoice() -> Invoice:
    """Every field of the model that CII EN 16931 can carry, and valid against its rules."""
    return Invoice(
        number="F-2026-0042",
        issue_date=date(2026, 11, 20),
        type_code="380",
        currency="EUR",
        tax_point_code="5",
        due_date=date(2026, 12, 20),
        buyer_reference="SERVICE-7",
        project="CHANTIER-12",
        contract="MARCHE-2026-3",
        purchase_order="BC-881",
        sales_order="CV-17",
        receiving_advice="BR-5",
        despatch_advice="BL-9",
        tender="AO-2",
        invoiced_object=Identifier(value="COMPTEUR-33", scheme="IT"),
        accounting_reference="606100",
        payment_terms="30 jours nets",
        notes=(
            Note(text="Indemnité forfaitaire de recouvrement : 40 €.", subject="PMT"),
            Note(text="Pénalités : trois fois le taux légal.", subject="PMD"),
            Note(text="Pas d'escompte.", subject="AAB"),
            Note(text="Merci de votre confiance."),
        ),
        process="M1",
        profile=EN_16931,
        preceding=(
            PrecedingInvoice(number="F-2026-0007", issue_date=date(2026, 3, 2)),
            PrecedingInvoice(number="F-2026-0008"),
        ),
        seller=Party(
            name="Menuiserie Kervella SARL",
            trading_name="Kervella Bois",
            identifiers=(
                Identifier(value="CLIENT-4"),
                Identifier(value="55210055400013", scheme="0009"),
            ),
            legal_id=Identifier(value="552100554", scheme="0002"),
            vat="FR96552100554",
            tax_registration="552100554",
            legal_form="SARL au capital de 10 000 €",
            electronic_address=Identifier(value="552100554", scheme="0225"),
            address=Address(
                line1="12 rue des Ateliers",
                line2="Bâtiment B",
                line3="Porte 3",
                city="Brest",
                postcode="29200",
                subdivision="Finistère",
                country="FR",
            ),
            contact=Contact(
                name="Anne Kervella", phone="+33298000000", email="anne@kervella.example"
            ),
        ),
        buyer=Party(
            name="Société Exemple SAS",
            trading_name="Exemple",
            identifiers=(Identifier(value="73282932000074", scheme="0009"),),
            legal_id=Identifier(value="732829320", scheme="0002"),
            vat="FR44732829320",
            electronic_address=Identifier(value="732829320", scheme="0225"),
            address=Address(
                line1="3 place du Marché", city="Rennes", postcode="35000", country="FR"
            ),
            contact=Contact(
                name="Service achats", phone="0299000000", email="achats@exemple.example"
            ),
        ),
        payee=Party(
            name="Affacturage Fictif",
            identifiers=(Identifier(value="PAYEE-1"),),
            legal_id=Identifier(value="356000000", scheme="0002"),
        ),
        tax_representative=Party(
            name="Représentant SA",
            vat="FR03356000000",
            address=Address(line1="1 quai", city="Nantes", postcode="44000", country="FR"),
        ),
        delivery=Delivery(
            name="Chantier des Halles",
            location=Identifier(value="3012345600001", scheme="0088"),
            date=date(2026, 11, 18),
            address=Address(
                line1="Place des Halles", city="Rennes", postcode="35000", country="FR"
            ),
        ),
        period=Period(start=date(2026, 11, 1), end=date(2026, 11, 18)),
        payment=Payment(
            means_code="58",
            means_text="Virement SEPA",
            remittance="F-2026-0042",
            transfers=(
                CreditTransfer(
                    iban="FR7630006000011234567890189", account_name="KERVELLA", bic="AGRIFRPPXXX"
                ),
                CreditTransfer(iban="FR1420041010050500013M02606", account_name="KERVELLA 2"),
            ),
        ),
        allowances=(
            AllowanceCharge(
                amount=Decimal("10.00"),
                base=Decimal("1000.00"),
                percent=Decimal("1.00"),
                vat_category="S",
                vat_rate=Decimal("20.00"),
                reason="Remise de fidélité",
                reason_code="95",
            ),
        ),
        charges=(
            AllowanceCharge(
                amount=Decimal("30.00"),
                vat_category="S",
                vat_rate=Decimal("20.00"),
                reason="Port",
                reason_code="FC",
            ),
        ),
        vat_breakdown=(
            VatBreakdown(
                base=Decimal("1011.00"), tax=Decimal("202.20"), category="S", rate=Decimal("20.00")
            ),
            VatBreakdown(
                base=Decimal("200.00"),
                tax=Decimal("0.00"),
                category="E",
                rate=Decimal("0.00"),
                exemption_text="Formation professionnelle, art. 261-4-4° a du CGI",
                exemption_code="VATEX-EU-132",
            ),
        ),
        totals=Totals(
            lines=Decimal("1191.00"),
            allowances=Decimal("10.00"),
            charges=Decimal("30.00"),
            tax_exclusive=Decimal("1211.00"),
            tax=Decimal("202.20"),
            tax_inclusive=Decimal("1413.20"),
            prepaid=Decimal("100.00"),
            rounding=Decimal("-0.20"),
            due=Decimal("1313.00"),
        ),
        attachments=(
            Attachment(
                reference="REL-1",
                description="DOCUMENT_ANNEXE",
                filename="releve.csv",
                media_type="text/csv",
            ),
            Attachment(reference="PLAN-2", uri="https://plans.example/2"),
        ),
        lines=(
            Line(
                id="1",
                name="Porte en chêne massif",
                description="Sur mesure",
                note="Posée le 18",
                quantity=Decimal("2.0000"),
                unit="H87",
                net=Decimal("891.00"),
                order_line="10",
                accounting_reference="215400",
                period=Period(start=date(2026, 11, 1), end=date(2026, 11, 18)),
                allowances=(
                    AllowanceCharge(
                        amount=Decimal("18.00"),
                        base=Decimal("900.00"),
                        percent=Decimal("2.00"),
                        reason="Défaut",
                        reason_code="100",
                    ),
                ),
                charges=(
                    AllowanceCharge(amount=Decimal("9.00"), reason="Emballage", reason_code="PC"),
                ),
                unit_price=Decimal("450.0000"),
                price_discount=Decimal("50.0000"),
                gross_price=Decimal("500.0000"),
                price_base=Decimal("1.0000"),
                price_base_unit="H87",
                vat_category="S",
                vat_rate=Decimal("20.00"),
                seller_item="P-CH-1",
                buyer_item="ART-7",
                standard_item=Identifier(value="3012345600018", scheme="0160"),
                origin_country="FR",
                attributes=(("Essence", "chêne"), ("Couleur", "naturel")),
                object_ids=(Identifier(value="LOT-1", scheme="AAJ"),),
                classes=(ItemClass(code="44421000", scheme="STI", version="19.0501"),),
            ),
            Line(
                id="2",
                name="Clous",
                quantity=Decimal("1000"),
                unit="C62",
                net=Decimal("100.00"),
                unit_price=Decimal("10.00"),
                price_base=Decimal("100"),
                vat_category="S",
                vat_rate=Decimal("20.00"),
            ),
            Line(
                id="3",
                name="Formation à la pose",
                quantity=Decimal("4"),
                unit="HUR",
                net=Decimal("200.00"),
                unit_price=Decimal("50.00"),
                vat_category="E",
                vat_rate=Decimal("0.00"),
            ),
        ),
    )


def direct_debit() -> Invoice:
    """The terms that exclude those of the full invoice: direct debit, card, dates, currencies."""
    full = full_invoice()
    return replace(
        full,
        currency="GBP",
        tax_currency="EUR",
        tax_point_code="",
        tax_point_date=date(2026, 11, 19),
        preceding=(),
        payment=Payment(
            means_code="59",
            mandate="MANDAT-8",
            creditor_id="FR12ZZZ123456",
            debited_iban="FR7630006000011234567890189",
            card_number="1234",
            card_holder="A. Kervella",
        ),
        totals=replace(full.totals, tax_in_accounting_currency=Decimal("236.57")),
    )


def sub_lines() -> Invoice:
    """An EXTENDED invoice: a group, its two details, and a line that counts for nothing."""
    full = full_invoice()

    def line(identifier: str, net: str, **values: object) -> Line:
        added = LineExtension(**values)  # type: ignore[arg-type]
        return Line(
            id=identifier,
            name=f"Ligne {identifier}",
            quantity=Decimal(1),
            unit="C62",
            net=Decimal(net),
            unit_price=Decimal(net),
            vat_category="S",
            vat_rate=Decimal("20.00"),
            extension=added,
        )

    return replace(
        full,
        profile="urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
        lines=(
            line(
                "1",
                "100.00",
                subtype="GROUP",
                tax=Decimal("20.00"),
                tax_inclusive=Decimal("120.00"),
            ),
            line(
                "2", "60.00", subtype="DETAIL", parent="1", seller=Party(name="Un autre vendeur")
            ),
            line("3", "40.00", subtype="DETAIL", parent="1", tax_point_code="5"),
            line("4", "0.00", subtype="INFORMATION"),
        ),
        vat_breakdown=(
            VatBreakdown(
                base=Decimal("100.00"), tax=Decimal("20.00"), category="S", rate=Decimal("20.00")
            ),
        ),
        allowances=(),
        charges=(),
        totals=Totals(
            lines=Decimal("100.00"),
            tax_exclusive=Decimal("100.00"),
            tax=Decimal("20.00"),
            tax_inclusive=Decimal("120.00"),
            due=Decimal("120.00"),
        ),
    )


def small_invoice() -> Invoice:
    """One line and what EN 16931 makes mandatory: it fits the profile BASIC."""
    france = Address(line1="1 rue", city="Brest", postcode="29200", country="FR")
    return Invoice(
        number="F-2026-0043",
        issue_date=date(2026, 11, 20),
        type_code="380",
        currency="EUR",
        due_date=date(2026, 12, 20),
        notes=full_invoice().notes[:3],
        process="S1",
        profile=EN_16931,
        seller=Party(
            name="Menuiserie Kervella SARL",
            legal_id=Identifier(value="552100554", scheme="0002"),
            vat="FR96552100554",
            electronic_address=Identifier(value="552100554", scheme="0225"),
            address=france,
        ),
        buyer=Party(
            name="Société Exemple SAS",
            legal_id=Identifier(value="732829320", scheme="0002"),
            electronic_address=Identifier(value="732829320", scheme="0225"),
            address=france,
        ),
        vat_breakdown=(
            VatBreakdown(base=Decimal("100.00"), tax=Decimal("20.00"), rate=Decimal("20.00")),
        ),
        totals=Totals(
            lines=Decimal("100.00"),
            tax_exclusive=Decimal("100.00"),
            tax=Decimal("20.00"),
            tax_inclusive=Decimal("120.00"),
            due=Decimal("120.00"),
        ),
        lines=(
            Line(
                id="1",
                name="Réglage",
                quantity=Decimal(2),
                unit="HUR",
                net=Decimal("100.00"),
                unit_price=Decimal("50.00"),
                vat_category="S",
                vat_rate=Decimal("20.00"),
            ),
        ),
    )
