"""What a sheet carries besides its picture: the signed statement, an empty signature field, its PDF/UA mark.

All of it is put in before the PDF is sealed, so that sealing adds one value and touches nothing that PDF/A or PDF/UA ask for.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pydyf

FIELD = "Seal"
FILE_NAME, MEDIA_TYPE = "certificate.json", "application/ld+json"
_UA = """<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1"/>
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about="">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the document claims</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
_END = b"</rdf:RDF>"


def _referred(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


def claim_accessibility(pdf: pydyf.PDF) -> None:
    """Write ``pdfuaid:part`` into the metadata, with the schema that PDF/A wants beside any namespace it does not know."""
    metadata = _referred(pdf, pdf.catalog["Metadata"])
    raw = b"".join(part if isinstance(part, bytes) else part.encode() for part in metadata.stream)
    head, end, tail = raw.rpartition(_END)
    assert end, "the metadata has no RDF"
    metadata.stream = [head + _UA.encode() + end + tail]


def attach(pdf: pydyf.PDF, statement: str, day: date) -> None:
    """Embed the statement as an associated file with the relationship Data (PDF/A-3, 6.8)."""
    raw = statement.encode()
    stamp = pydyf.String(f"D:{day:%Y%m%d}000000+08'00'")
    params = pydyf.Dictionary(
        {"CheckSum": f"<{hashlib.md5(raw, usedforsecurity=False).hexdigest()}>", "Size": len(raw), "ModDate": stamp}
    )
    stream = pydyf.Stream(
        [raw], {"Type": "/EmbeddedFile", "Subtype": "/" + MEDIA_TYPE.replace("/", "#2F").replace("+", "#2B"), "Params": params},
        compress=True,
    )  # fmt: skip
    pdf.add_object(stream)
    name = pydyf.String(FILE_NAME)
    specification = pydyf.Dictionary(
        {
            "Type": "/Filespec",
            "F": name,
            "UF": name,
            "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference}),
            "Desc": pydyf.String("证书内容的签名数据"),
            "AFRelationship": "/Data",
        }
    )
    pdf.add_object(specification)
    pdf.catalog["AF"] = pydyf.Array([specification.reference])
    files = pydyf.Dictionary({"Names": pydyf.Array([name, specification.reference])})
    pdf.catalog["Names"] = pydyf.Dictionary({"EmbeddedFiles": files})


def leave_room_for_seal(pdf: pydyf.PDF, issuer: str) -> None:
    """An empty, invisible signature field, tagged as a form as PDF/UA asks (7.18.4), printable as PDF/A asks (6.3.2)."""
    page_reference = pdf.pages["Kids"][0]
    page = pdf.objects[page_reference]
    root = _referred(pdf, pdf.catalog["StructTreeRoot"])
    mapping = _referred(pdf, root["ParentTree"])
    document = _referred(pdf, root["K"][0])
    place = max(int(one) for one in mapping["Nums"][::2]) + 1
    on_page = page.reference
    widget = pydyf.Dictionary(
        {
            "Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig", "T": pydyf.String(FIELD), "F": 132,
            "TU": pydyf.String(f"{issuer}的电子签章"), "Rect": pydyf.Array([0, 0, 0, 0]), "P": on_page,
            "StructParent": place,
        }
    )  # fmt: skip
    pdf.add_object(widget)
    link = pydyf.Dictionary({"Type": "/OBJR", "Obj": widget.reference, "Pg": on_page})
    pdf.add_object(link)
    form = pydyf.Dictionary(
        {
            "Type": "/StructElem", "S": "/Form", "K": pydyf.Array([link.reference]), "Pg": on_page,
            "P": document.reference, "Alt": pydyf.String(f"{issuer}的电子签章"),
        }
    )  # fmt: skip
    pdf.add_object(form)
    document["K"].append(form.reference)
    mapping["Nums"] += [place, form.reference]
    page["Annots"] = pydyf.Array([widget.reference])
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": pydyf.Array([widget.reference]), "SigFlags": 3})
