"""Documents for people, folded from the runbook or the record; nothing here touches a target."""
