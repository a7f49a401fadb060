"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import publications.certificates.rendering_job  # noqa: F401 - registers the job that sets certificates
from foundation.i18n import N_
from foundation.web import navigation
from publications.certificates.pages import CertificatePages
from publications.certificates.verify_pages import VerifyPages
from publications.permissions import Permission

HANDLERS: list[ControllerRouterHandler] = [CertificatePages, VerifyPages]
"""Every controller of the wing, one line each."""

NAVIGATION = [
    navigation.NavItem(
        section=N_("基础"),
        label=N_("证书"),
        path="/certificates",
        icon="certificate",
        policy=Permission.SEE_CERTIFICATES,
        place=820,
    ),
]


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
