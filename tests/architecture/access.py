"""Who may come in at each route: written by hand from what each role does (SECURITY, the one list of roles), not read off the code.

A new route fails the test until somebody decides here who may use it. Which *objects* somebody then reaches is decided where
they are fetched, and tested there.
"""

from __future__ import annotations

VISITOR = "visitor"
ROLES = (
    "enterprise_contact", "judge", "chief_judge", "scorekeeper", "code_keeper", "supervisor", "reviewer", "studio_expert",
    "county_officer", "city_officer", "system_admin", "security_admin", "audit_admin",
)  # fmt: skip
EVERYBODY = frozenset({VISITOR, *ROLES})
SIGNED_IN = frozenset(ROLES)

# fmt: off
ACCESS: tuple[tuple[frozenset[str], str], ...] = (
    (
        EVERYBODY,
        """
        accounts.enrol accounts.enrol.submit accounts.forgotten accounts.link accounts.link.submit
        accounts.preferences.language accounts.preferences.theme accounts.second_factor accounts.second_factor.submit
        accounts.sign_in accounts.sign_in.submit accounts.sign_out api.notices.list api.notices.show api.results.list
        api.results.show api.rolls.list api.rolls.show competitions.judging.worker studios.visits.worker competitions.results.about
        competitions.results.bundle competitions.results.explain competitions.results.front competitions.results.list
        competitions.results.live competitions.results.live.board competitions.results.live.stream
        competitions.results.show competitions.results.table honours.rolls.public.annex honours.rolls.public.entry
        honours.rolls.public.list honours.rolls.public.portrait honours.rolls.public.show
        honours.rolls.public.statistics honours.rolls.public.wall livez metrics notices.public.compare
        notices.public.comparison notices.public.list notices.public.object notices.public.objection notices.public.roll
        notices.public.sheet notices.public.show notices.public.text public_documents.compare
        public_documents.comparison public_documents.file public_documents.list public_documents.show readyz static
        studios.public.export studios.public.list studios.public.show
        trail.about verify.answer verify.credential verify.file verify.form verify.key_document verify.keys verify.qr
        verify.token
        """,
    ),
    (
        SIGNED_IN,
        """
        accounts.me accounts.me.end_others accounts.me.password accounts.me.recovery_codes accounts.me.second_factor
        api.jobs.show home jobs.cancel jobs.list jobs.show search
        """,
    ),
    (
        frozenset({"audit_admin"}),
        """
        trail.list trail.verify
        """,
    ),
    (
        frozenset({"chief_judge"}),
        """
        competitions.results.confirm competitions.results.publish competitions.results.return
        competitions.results.withdraw
        """,
    ),
    (
        frozenset({"city_officer"}),
        """
        api.decisions.draft api.decisions.issue api.decisions.publish certificates.revoke designs.compare
        designs.confirm designs.edit designs.list designs.preview designs.restore designs.return designs.save
        designs.sheet designs.submit honours.catalogue.api.create honours.catalogue.api.save honours.catalogue.create
        honours.catalogue.edit honours.catalogue.new honours.catalogue.save honours.catalogue.ship
        honours.cycles.allotment.save honours.cycles.api.create
        honours.cycles.api.move honours.cycles.api.rules.save honours.cycles.api.save honours.cycles.create
        honours.cycles.edit honours.cycles.move honours.cycles.new honours.cycles.rules.rows
        honours.cycles.rules.save honours.cycles.save
        honours.allowances.export honours.allowances.pay honours.allowances.rate honours.trips.cancel honours.trips.finish honours.trips.invite honours.trips.plan
        honours.allowances.show
        honours.entitlements.rule
        honours.decisions.discard honours.decisions.document honours.decisions.draft honours.decisions.edit
        honours.decisions.issue honours.decisions.list honours.decisions.new honours.decisions.publish
        honours.decisions.save honours.decisions.show honours.ledger.correct honours.ledger.corrected
        honours.ledger.publish honours.review.conferred honours.review.disqualify honours.review.forward
        honours.review.not_conferred honours.review.plan.answer honours.review.plan.drop honours.review.plan.save
        honours.review.plan.submit honours.review.promote honours.review.reserve honours.revocations.recall
        registry.rosters.confirm registry.rosters.list registry.rosters.show registry.rosters.template
        registry.rosters.upload
        """,
    ),
    (
        frozenset({"enterprise_contact"}),
        """
        competitions.entries.api.discard competitions.entries.api.edit competitions.entries.api.start
        competitions.entries.api.submit competitions.entries.api.substitute competitions.entries.api.withdraw
        competitions.entries.candidates competitions.entries.discard competitions.entries.edit
        competitions.entries.import.abandon competitions.entries.import.confirm competitions.entries.import.marked
        competitions.entries.import.preview competitions.entries.import.repair competitions.entries.import.start
        competitions.entries.import.template competitions.entries.import.upload competitions.entries.list
        competitions.entries.start competitions.entries.substitute competitions.entries.substitution
        competitions.entries.withdraw
        """,
    ),
    (
        frozenset({"security_admin"}),
        """
        accounts.second_factor.reset signing_keys.introduce signing_keys.list signing_keys.retire
        """,
    ),
    (
        frozenset({"city_officer", "system_admin"}),
        """
        calendar.amend calendar.fill calendar.home calendar.year
        """,
    ),
    (
        frozenset({"county_officer", "city_officer"}),
        """
        api.honours.composition api.honours.review.accept api.honours.review.reject api.honours.review.return
        api.objections.list api.objections.show api.objections.step certificates.reissue certificates.render
        certificates.render_source competitions.entries.accept competitions.entries.accept_many
        competitions.entries.api.accept competitions.entries.api.list competitions.entries.api.reject
        competitions.entries.api.return competitions.entries.api.strike competitions.entries.event
        competitions.entries.event_export competitions.entries.export competitions.entries.reject
        competitions.entries.return competitions.entries.review competitions.entries.strike competitions.judging.appoint
        competitions.judging.dismiss competitions.judging.excuse competitions.judging.panel.change
        competitions.judging.panel.make competitions.judging.panel.remove competitions.judging.panels
        competitions.judging.seat competitions.judging.vacate competitions.programme.api.bundle.export
        competitions.programme.api.bundle.import competitions.programme.api.create
        competitions.programme.api.event.create competitions.programme.api.event.move
        competitions.programme.api.event.show competitions.programme.api.list competitions.programme.api.move
        competitions.programme.api.rules competitions.programme.api.rules.save competitions.programme.api.show
        competitions.programme.bundle.confirm competitions.programme.bundle.export competitions.programme.bundle.new
        competitions.programme.bundle.preview competitions.programme.bundle.upload competitions.programme.create
        competitions.programme.edit competitions.programme.event.create competitions.programme.event.edit
        competitions.programme.event.move competitions.programme.event.new competitions.programme.event.save
        competitions.programme.export competitions.programme.list competitions.programme.move competitions.programme.new
        competitions.programme.rules.edit competitions.programme.rules.export competitions.programme.rules.preview
        competitions.programme.rules.rows competitions.programme.rules.save competitions.programme.rules.version
        competitions.programme.save competitions.results.freeze competitions.results.names competitions.results.thaw
        documents.create documents.discard documents.docx documents.edit documents.export documents.file documents.issue
        documents.list documents.new documents.preview documents.preview_typed documents.save documents.show
        documents.withdraw honours.ledger.export honours.ledger.import.abandon honours.ledger.import.confirm
        honours.ledger.import.marked honours.ledger.import.preview honours.ledger.import.repair
        honours.ledger.import.start honours.ledger.import.template honours.ledger.import.upload honours.ledger.imports
        honours.api.laureates.list honours.api.laureates.show honours.trips.answer honours.trips.going honours.trips.list
        honours.trips.show honours.laureates.care honours.laureates.change honours.laureates.export honours.laureates.health
        honours.laureates.health.read honours.laureates.list honours.laureates.open honours.laureates.show
        honours.ledger.list honours.ledger.show honours.ledger.undo honours.review.accept honours.review.accept_many
        honours.review.board honours.review.board.export honours.review.boards honours.review.export honours.review.list
        honours.review.notice honours.review.notice.open honours.review.reject honours.review.return honours.review.show
        honours.rounds.close honours.rounds.create honours.rounds.discard honours.rounds.edit honours.rounds.list
        honours.rounds.new honours.rounds.open honours.rounds.repeat honours.rounds.save honours.rounds.show
        objections.attachment objections.export objections.list objections.new objections.record objections.show
        objections.step objections.unmask registry.organisations.close registry.organisations.create
        registry.organisations.edit registry.organisations.import.abandon registry.organisations.import.confirm
        registry.organisations.import.marked registry.organisations.import.preview registry.organisations.import.repair
        registry.organisations.import.start registry.organisations.import.template registry.organisations.import.upload
        registry.organisations.merge registry.organisations.merging registry.organisations.move
        registry.organisations.new registry.organisations.place registry.organisations.reopen
        registry.organisations.update registry.workers.erase
        """,
    ),
    (
        frozenset({"judge", "chief_judge"}),
        """
        competitions.judging.api.marks competitions.judging.api.sheet competitions.judging.api.sign
        competitions.judging.desk competitions.judging.plain competitions.judging.plain.save
        competitions.judging.sheets competitions.judging.sign competitions.judging.sign.do
        """,
    ),
    (
        frozenset({"chief_judge", "county_officer", "city_officer"}),
        """
        competitions.judging.adjust competitions.judging.adjust.cancel competitions.judging.status
        """,
    ),
    (
        frozenset({"county_officer", "city_officer", "security_admin"}),
        """
        accounts.close accounts.detail accounts.export accounts.grant accounts.grant.end accounts.invite
        accounts.invite.form accounts.link.issue accounts.list accounts.organisations accounts.reopen accounts.unlock
        api.accounts.close api.accounts.detail api.accounts.find api.accounts.grant api.accounts.grant.end
        api.accounts.invite api.accounts.reopen
        """,
    ),
    (
        frozenset({"enterprise_contact", "county_officer", "city_officer"}),
        """
        api.merges.decide api.merges.list api.notices.draft api.notices.office api.notices.open api.notices.outcome
        api.organisations.pick api.revocations.step api.workers.pick certificates.archive certificates.bundle
        certificates.bundle_file certificates.credential certificates.file certificates.list certificates.show
        competitions.entries.api.show competitions.entries.show honours.entitlements.dismiss honours.entitlements.list
        honours.revocations.copies honours.revocations.list
        honours.revocations.new honours.revocations.report honours.revocations.show honours.revocations.step
        notices.conclude notices.discard notices.draft notices.edit notices.export notices.extend notices.list
        notices.new notices.open notices.period notices.preview notices.preview_saved notices.save notices.sheet
        notices.sheet.make notices.show notices.withdraw registry.merges.decide registry.merges.list
        registry.organisations.branch registry.organisations.export registry.organisations.list
        registry.organisations.show registry.organisations.tree registry.transfers.decide registry.transfers.list
        registry.transfers.new registry.transfers.request registry.workers.create registry.workers.edit
        registry.workers.employment registry.workers.export registry.workers.export.personal
        registry.workers.import.abandon registry.workers.import.confirm registry.workers.import.marked
        registry.workers.import.preview registry.workers.import.repair registry.workers.import.start
        registry.workers.import.template registry.workers.import.upload registry.workers.leave registry.workers.list
        registry.workers.lookup registry.workers.merge registry.workers.merging registry.workers.move
        registry.workers.new registry.workers.show registry.workers.unmask registry.workers.update
        """,
    ),
    (
        frozenset({"enterprise_contact", "reviewer", "county_officer", "city_officer"}),
        """
        honours.catalogue.api.list honours.catalogue.api.show honours.catalogue.export honours.catalogue.list
        honours.catalogue.show honours.cycles.allotment honours.cycles.api.apportion honours.cycles.api.list
        honours.cycles.api.rules honours.cycles.api.show honours.cycles.export honours.cycles.list
        honours.cycles.rules honours.cycles.rules.difference honours.cycles.show
        """,
    ),
    (
        frozenset({"judge", "chief_judge", "supervisor"}),
        """
        competitions.judging.api.correction.ask competitions.judging.api.correction.decide
        competitions.judging.correction.ask competitions.judging.correction.decide
        """,
    ),
    (
        frozenset({"chief_judge", "scorekeeper", "supervisor", "county_officer", "city_officer"}),
        """
        competitions.judging.board competitions.judging.boards competitions.results.desk
        """,
    ),
    (
        frozenset({"enterprise_contact", "judge", "chief_judge", "scorekeeper", "supervisor", "county_officer", "city_officer"}),
        """
        competitions.programme.event.show competitions.programme.show
        """,
    ),
    (
        frozenset({"enterprise_contact"}),
        """
        honours.entitlements.start
        honours.nominations.api.consent honours.nominations.api.save honours.nominations.api.start
        honours.nominations.api.submit honours.nominations.api.withdraw honours.nominations.consent
        honours.nominations.discard_draft honours.nominations.draft honours.nominations.material.add
        honours.nominations.material.remove honours.nominations.new honours.nominations.portrait.set
        honours.nominations.save honours.nominations.start honours.nominations.submit honours.nominations.withdraw
        """,
    ),
    (
        frozenset({"enterprise_contact", "county_officer", "city_officer"}),
        """
        honours.nominations.api.list honours.nominations.api.show honours.nominations.changes honours.nominations.form
        honours.nominations.form.full honours.nominations.form.pdf honours.nominations.list
        honours.nominations.material.file honours.nominations.portrait honours.nominations.show
        """,
    ),
    (
        frozenset({"county_officer", "city_officer"}),
        """
        honours.nominations.api.clearance.answer honours.nominations.api.clearance.ask
        honours.nominations.api.clearances honours.nominations.api.veto.add honours.nominations.api.veto.remove
        honours.nominations.api.waive honours.nominations.clearance.answer honours.nominations.clearance.ask
        honours.nominations.clearance.file honours.nominations.clearances honours.nominations.export
        honours.nominations.veto.add honours.nominations.veto.remove honours.nominations.vetting
        honours.nominations.waive
        """,
    ),
    (
        frozenset({"county_officer", "city_officer"}),
        """
        studios.comparison studios.comparison.export
        """,
    ),
    (
        frozenset({"enterprise_contact", "studio_expert", "county_officer", "city_officer"}),
        """
        studios.funds.show studios.outputs.evidence.file studios.outputs.show studios.register.due studios.register.list
        studios.register.show studios.reports.show
        studios.funds.api.show studios.outputs.api.consents studios.outputs.api.list studios.outputs.api.pairs
        studios.register.api.due studios.register.api.list studios.register.api.report studios.register.api.show
        """,
    ),
    (
        frozenset({"enterprise_contact", "county_officer", "city_officer"}),
        """
        studios.funds.export studios.funds.table studios.outputs.evidence.add studios.outputs.keep studios.register.answers
        studios.register.export studios.reports.save
        studios.funds.api.spend studios.funds.api.table studios.outputs.api.agree studios.outputs.api.claim
        studios.outputs.api.consent studios.outputs.api.finish studios.outputs.api.log studios.register.api.answers
        studios.register.api.report.save
        """,
    ),
    (
        frozenset({"county_officer", "city_officer"}),
        """
        studios.outputs.decide studios.reports.opinion
        studios.outputs.api.decide studios.register.api.report.opinion
        """,
    ),
    (
        frozenset({"city_officer"}),
        """
        studios.funds.pay studios.register.act studios.register.decide
        studios.funds.api.approve studios.funds.api.pay studios.funds.api.return studios.register.api.act
        studios.register.api.decide
        """,
    ),
    (
        frozenset({"reviewer"}),
        """
        api.honours.my_rounds api.honours.my_rounds.vote honours.my_rounds.hand_in honours.my_rounds.list
        honours.my_rounds.nominee honours.my_rounds.points honours.my_rounds.recuse honours.my_rounds.show
        honours.my_rounds.vote
        """,
    ),
    (
        frozenset({"enterprise_contact"}),
        """
        studios.applications.new studios.applications.papers.add studios.applications.papers.remove
        studios.applications.people.add studios.applications.people.remove studios.applications.save
        studios.applications.start studios.applications.submit studios.applications.withdraw
        studios.applications.discard_draft studios.applications.draft
        studios.applications.api.calls studios.applications.api.people.add studios.applications.api.people.remove
        studios.applications.api.save studios.applications.api.start studios.applications.api.submit
        studios.applications.api.withdraw
        """,
    ),
    (
        frozenset({"enterprise_contact", "county_officer", "city_officer"}),
        """
        studios.applications.list studios.applications.papers.file studios.applications.show
        studios.applications.api.list studios.applications.api.show
        """,
    ),
    (
        frozenset({"county_officer", "city_officer"}),
        """
        studios.applications.api.decide studios.applications.decide
        """,
    ),
    (
        frozenset({"city_officer"}),
        """
        studios.applications.visit studios.applications.visit.call_off studios.applications.visit.end studios.calls.close
        studios.calls.naming studios.calls.notice studios.calls.show studios.programmes.call studios.programmes.create
        studios.programmes.list studios.programmes.rules studios.programmes.show studios.programmes.table
        studios.programmes.table.rows studios.programmes.table.save
        studios.applications.api.visit studios.applications.api.visit.call_off studios.applications.api.visit.end
        studios.calls.api.close studios.calls.api.naming studios.calls.api.notice studios.calls.api.show
        studios.programmes.api.call studios.programmes.api.create studios.programmes.api.list studios.programmes.api.rules
        studios.programmes.api.show
        """,
    ),
    (
        frozenset({"studio_expert"}),
        """
        studios.visits.api.answers studios.visits.api.photo studios.visits.api.sign studios.visits.api.state
        studios.visits.desk studios.visits.list
        """,
    ),
    (
        frozenset({"enterprise_contact", "studio_expert", "county_officer", "city_officer"}),
        """
        studios.visits.photo
        """,
    ),
)

# fmt: on
EXPECTED: dict[str, frozenset[str]] = {name: who for who, names in ACCESS for name in names.split()}
