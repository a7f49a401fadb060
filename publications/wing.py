"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import publications.certificates.rendering_job
import publications.notices.ending
import publications.notices.objections.retention
import publications.notices.sheet  # noqa: F401 - registers what ends notices, erases who objected, makes the sheets
from foundation.i18n import N_
from foundation.trail.words import speak
from foundation.web import home, navigation
from publications.certificates.designs import queries as designs
from publications.certificates.designs.pages import DesignPages
from publications.certificates.key_pages import KeyPages
from publications.certificates.pages import CertificatePages
from publications.certificates.verify_pages import VerifyPages
from publications.deeds import DEEDS
from publications.documents.pages import DocumentPages
from publications.documents.public_pages import PublicDocumentPages
from publications.notices import todo as notices_todo
from publications.notices.api import NoticeApi, ObjectionApi
from publications.notices.objections import queries as objections
from publications.notices.objections.pages import ObjectionPages
from publications.notices.pages import NoticePages
from publications.notices.public_pages import PublicNoticePages
from publications.permissions import Permission

HANDLERS: list[ControllerRouterHandler] = [
    CertificatePages,
    KeyPages,
    DesignPages,
    VerifyPages,
    NoticePages,
    ObjectionPages,
    PublicNoticePages,
    NoticeApi,
    ObjectionApi,
    DocumentPages,
    PublicDocumentPages,
]
"""Every controller of the wing, one line each."""

NAVIGATION = [
    navigation.NavItem(
        section=N_("公示"),
        label=N_("公示办理"),
        path="/publicity",
        icon="speakerphone",
        policy=Permission.DRAFT_NOTICES,
        place=600,
    ),
    navigation.NavItem(
        section=N_("公示"),
        label=N_("异议办理"),
        path="/publicity/objections",
        icon="message-2",
        policy=Permission.HANDLE_OBJECTIONS,
        place=610,
        badge=objections.waiting,
    ),
    navigation.NavItem(
        section=N_("公示"),
        label=N_("公文"),
        path="/official-documents",
        icon="file-text",
        policy=Permission.DRAFT_DOCUMENTS,
        place=620,
    ),
    navigation.NavItem(
        section=N_("基础"),
        label=N_("证书"),
        path="/certificates",
        icon="certificate",
        policy=Permission.SEE_CERTIFICATES,
        place=820,
    ),
    navigation.NavItem(
        section=N_("基础"),
        label=N_("证书样式"),
        path="/certificates/designs",
        icon="template",
        policy=Permission.EDIT_DESIGNS,
        place=825,
        badge=designs.waiting,
    ),
    navigation.NavItem(
        section=N_("基础"),
        label=N_("签名钥匙"),
        path="/signing-keys",
        icon="key",
        policy=Permission.KEEP_KEYS,
        place=830,
    ),
]


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
    speak(DEEDS)
    home.register(to_dos=notices_todo.to_dos)
