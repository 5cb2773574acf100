"""What a run that vanished has cost at most, from the traces it left."""

from dataclasses import replace

from flopcast.sweeps.folder import RunFolder
from flopcast.sweeps.outcome import Outcome


def with_evidence(outcome: Outcome, folder: RunFolder, attempt: int) -> Outcome:
    """`outcome` with the FLOP that the attempt can have spent, if its reports tell.

    The last reported FLOP plus one more interval between reports: work after the last report is
    not seen. None where fewer than two reports tell.
    """
    last = [r for r in folder.last_reports(3) if r.get("attempt") == attempt and "flop" in r]
    if outcome.flop is not None or len(last) < 2 or last[-1]["flop"] is None:
        return outcome
    before, latest = last[-2]["flop"], last[-1]["flop"]
    return replace(outcome, flop=latest + max(0.0, latest - (before or 0.0)))
