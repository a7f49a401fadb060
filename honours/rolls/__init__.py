"""表彰: decisions, honour rolls, the ledger of every honour held, revocation (H70–H77)."""
