"""The only file that knows every wing: puts them together into one application."""

from __future__ import annotations

from litestar import Litestar


def create_app() -> Litestar:
    """The application, with every wing's pages, API and jobs."""
    from competitions import wing as competitions
    from foundation import wing as foundation
    from foundation.web.application import Frame
    from honours import wing as honours
    from publications import wing as publications
    from registry import wing as registry
    from registry.accounts.queries import find_signed_in, load_actor
    from studios import wing as studios

    wings = (foundation, registry, publications, competitions, honours, studios)
    for wing in wings:
        wing.register()
    handlers = [handler for wing in wings for handler in wing.HANDLERS]
    lifespans = [lifespan for wing in wings for lifespan in getattr(wing, "LIFESPANS", ())]
    return Frame(load_actor=load_actor, find_both=find_signed_in).build(handlers, lifespans)
