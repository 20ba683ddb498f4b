"""Forms of the programme's pages: the rules as fields, and back; what a programme is; when rules begin."""

from app.backoffice.forms.programme.pieces import DetailsForm, NewProgrammeForm, PublishForm, RevisionForm
from app.backoffice.forms.programme.rules import RulesForm, filled, mark_fault, rules_of

__all__ = [
    "DetailsForm",
    "NewProgrammeForm",
    "PublishForm",
    "RevisionForm",
    "RulesForm",
    "filled",
    "mark_fault",
    "rules_of",
]
