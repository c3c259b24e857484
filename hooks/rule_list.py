"""Every rule, in the order a page is read. A rule that is not here does not run; a test says so."""

from __future__ import annotations

import rule_active
import rule_diagrams
import rule_envelope
import rule_files
import rule_front_matter
import rule_numbers
import rule_paths
import rule_safety
import rule_sections
import rule_skeletons
import rule_sources
import rule_tables
import rule_vocabulary
from page_contract import DESIGN, PROSE, QUESTION, SKELETON, VOCABULARY

FILE_RULES = rule_files.RULES
FILES_OF_DOCS = rule_files.TREE_RULES
EVERY_PAGE = (
    *rule_files.PAGE_RULES,
    *rule_front_matter.RULES,
    *rule_active.RULES,
    *rule_sources.RULES,
    *rule_numbers.RULES,
    *rule_sections.RULES,
    *rule_safety.RULES,
    *rule_envelope.RULES,
    *rule_diagrams.RULES,
    *rule_paths.RULES,
    *rule_tables.RULES,
)
_CONTRACT = (
    *rule_front_matter.CONTRACT_RULES,
    *rule_sections.CONTRACT_RULES,
    *rule_safety.CONTRACT_RULES,
    *rule_diagrams.CONTRACT_RULES,
)
_QUESTION = (
    *rule_front_matter.QUESTION_RULES,
    *rule_sections.QUESTION_RULES,
    *rule_safety.QUESTION_RULES,
    *rule_envelope.QUESTION_RULES,
    *rule_diagrams.QUESTION_RULES,
    *rule_tables.QUESTION_RULES,
)
PAGE_RULES = {
    QUESTION: (*EVERY_PAGE, *_CONTRACT, *_QUESTION),
    DESIGN: (*EVERY_PAGE, *_CONTRACT, *_QUESTION),
    SKELETON: (*EVERY_PAGE, *_CONTRACT, *rule_skeletons.RULES),
    VOCABULARY: (*EVERY_PAGE, *rule_vocabulary.RULES),
    PROSE: EVERY_PAGE,
}
BETWEEN_PAGES = (
    *rule_files.BETWEEN_RULES,
    *rule_numbers.TREE_RULES,
    *rule_sections.TREE_RULES,
    *rule_tables.TREE_RULES,
)
# Rules that hold one section against others, which must be written first; none named: the whole page.
_NUMBERS = ("Prompt", "Envelope", "Governing law")
_DRAWING = ("Requirements", "Harms", "High-level design", "Design", "Failure modes")
WAIT_FOR = {
    rule_front_matter.check_front_matter_headline_undefined: _NUMBERS,
    rule_numbers.check_number_link_differs: _NUMBERS,
    rule_numbers.check_number_symbol_unknown: _NUMBERS,
    rule_numbers.check_number_bare: _NUMBERS,
    rule_envelope.check_envelope_given_absent: _NUMBERS,
    rule_sections.check_section_dives_missing: _NUMBERS,
    rule_skeletons.check_skeleton_bottleneck_unmeasured: _NUMBERS,
    rule_safety.check_safety_callout_hollow: _DRAWING,
    rule_diagrams.check_diagram_role_disagrees: _DRAWING,
    rule_diagrams.check_diagram_harm_not_drawn: _DRAWING,
    rule_diagrams.check_diagram_start_stranded: _DRAWING,
    rule_diagrams.check_diagram_guard_off_path: _DRAWING,
    rule_diagrams.check_diagram_guard_without_policy: _DRAWING,
    rule_paths.check_path_unguarded: _DRAWING,
    rule_tables.check_table_component_unknown: _DRAWING,
    rule_tables.check_table_together_unknown: _DRAWING,
    rule_envelope.check_envelope_row_unused: (),
    rule_sections.check_section_too_long: (),
}
WHOLE_GUIDE = rule_sources.GUIDE_RULES
RENDERED_PAGE = rule_active.RENDERED_RULES

_GROUPS = (FILE_RULES, FILES_OF_DOCS, *PAGE_RULES.values(), BETWEEN_PAGES, WHOLE_GUIDE, RENDERED_PAGE)
_LISTED = dict.fromkeys(rule for group in _GROUPS for rule in group)
_FAMILIES = list(dict.fromkeys(rule.__module__ for rule in _LISTED))
ALL = tuple(sorted(_LISTED, key=lambda rule: _FAMILIES.index(rule.__module__)))
